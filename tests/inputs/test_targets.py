"""Targets: the safety region's example, what must go together, and history in the warehouse."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from klankbord import register
from klankbord.errors import RegisterError
from tests.inputs.conftest import EXAMPLES, NOW, rows


def test_the_safety_regions_example_says_what_it_says() -> None:
    targets = {t.target_id.removeprefix("example-"): t for t in _example().targets}
    said = {
        name: (t.metric_id, t.platform, t.segment, t.kind, t.target_value, t.unit, t.denominator)
        for name, t in targets.items()
    }
    assert said == {
        "followers-facebook": ("M08", "facebook", "all", "growth", 10, "percent", "baseline"),
        "followers-linkedin": ("M08", "linkedin", "all", "growth", 5, "percent", "baseline"),
        "visits-from-social": ("M39", None, "all", "growth", 10, "percent", "baseline"),
        "reach-facebook": ("M37", "facebook", "organic_posts", "level", 3500, "persons", "posts"),
        "reach-linkedin": ("M37", "linkedin", "organic_posts", "level", 4500, "persons", "posts"),
        "engagement-facebook": ("M13", "facebook", "all", "share", 7.5, "percent", "reach"),
        "engagement-linkedin": ("M13", "linkedin", "all", "share", 5.5, "percent", "reach"),
        "vacancies-facebook": (
            "M38", "facebook", "vacancy_posts", "share", 2.5, "percent", "impressions"),
        "vacancies-linkedin": (
            "M38", "linkedin", "vacancy_posts", "share", 2.5, "percent", "impressions"),
        "links-facebook": (
            "M38", "facebook", "organic_posts_with_link", "share", 2.5, "percent", "impressions"),
        "links-linkedin": (
            "M38", "linkedin", "organic_posts_with_link", "share", 3.5, "percent", "impressions"),
        "first-message": (
            "M34", None, "large_impact_incidents", "level", 5, "minutes", "none"),
    }  # fmt: skip
    assert {t.direction for n, t in targets.items() if n != "first-message"} == {"at_least"}
    assert targets["first-message"].direction == "at_most"
    assert {(t.baseline_date, t.due_date) for t in targets.values()} == {
        (date(2026, 1, 1), date(2027, 1, 1))
    }


def _example() -> register.Register:
    return register.read([EXAMPLES / "register"])


LINE = "M13,facebook,all,share,at_least,7.5,percent,reach,2026-01-01,,2027-01-01,declared,plan"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("share", "growth", "not divided by reach; use baseline"),
        ("percent", "persons", "kind share has no unit persons; use percent"),
        ("reach", "none", "not divided by none; use followers,"),
        ("reach", "baseline", "not divided by baseline; use followers,"),
        ("share,at_least,7.5,percent,reach", "level,at_least,7.5,persons,baseline",
         "not divided by baseline; use any but baseline"),
        ("share,at_least,7.5,percent,reach", "growth,at_least,0,percent,baseline",
         "a growth of 0 percent is no target"),
        ("7.5", "107.5", "107.5 percent is more than the whole"),
        ("7.5", "7,5", "the line has 16 cells"),
        ("7.5", '"7,5"', "target_value '7,5' is not an amount"),
        ("7.5", "-7.5", "target_value '-7.5' is not an amount"),
        ("7.5", "7.12345", "is not an amount"),
        ("2027-01-01", "2026-01-01", "due_date 2026-01-01 is not after baseline_date 2026-01-01"),
        ("M13", "engagement", "metric_id 'engagement' is not a metric"),
        ("facebook", "friendster", "platform 'friendster' is unknown"),
        ("all", "some_posts", "segment 'some_posts' is unknown"),
        ("at_least", "more", "direction 'more' is unknown"),
        ("all,share,at_least,7.5,percent,reach",
         "large_impact_incidents,level,at_most,5,posts,none", "not counted in posts"),
    ],
)  # fmt: skip
def test_each_fault_has_its_line(folder: Path, old: str, new: str, fault: str) -> None:
    assert old in LINE
    line = f"a-target,nl-safety-region-example,{LINE.replace(old, new, 1)}"
    with (folder / "targets.csv").open("a") as stream:
        stream.write(line + "\n")
    with pytest.raises(RegisterError) as caught:
        register.read([folder])
    (said,) = str(caught.value).splitlines()
    assert said.startswith(f"{folder}/targets.csv:14: ")
    assert fault in said


def test_a_target_is_of_a_known_body_and_stands_once(folder: Path) -> None:
    text = (folder / "targets.csv").read_text()
    (folder / "targets.csv").write_text(
        text.replace("example-first-message,nl-safety-region-example", "example-first-message,nl-x")
        + f"example-links-facebook,nl-safety-region-example,{LINE}\n"
    )
    with pytest.raises(RegisterError) as caught:
        register.read([folder])
    unknown, twice = str(caught.value).splitlines()
    assert "organisation_id 'nl-x' is in no organisations.csv" in unknown
    assert "target example-links-facebook is a duplicate of" in twice


def test_a_changed_target_leaves_its_earlier_version(warehouse, folder: Path) -> None:
    def load(moment):
        with warehouse.connect("klankbord_loader") as connection:
            return register.load(connection, register.read([folder]), moment).tables["targets"]

    assert load(NOW).inserted == 12
    assert load(NOW + timedelta(days=1)) == register.Counts(0, 0, 12)
    text = (folder / "targets.csv").read_text()
    (folder / "targets.csv").write_text(text.replace("at_least,7.5", "at_least,8.25"))
    assert load(NOW + timedelta(days=2)) == register.Counts(1, 1, 11)
    versions = rows(
        warehouse,
        "select target_value, superseded_at is null from register.targets"
        " where target_id = 'example-engagement-facebook' order by recorded_at",
    )
    assert versions == [(Decimal("7.5"), False), (Decimal("8.25"), True)]
