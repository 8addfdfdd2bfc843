"""M40: dbt's shares of posts against plain Python, and who is told none."""

import csv
import random
from datetime import date

import pytest

from klankbord import catalogue
from klankbord.editions.contents import PARTS
from klankbord.sandbox.truth_places import shares
from klankbord.settings import PROJECT_ROOT

PERIODS = {
    ("month", date(2026, 9, 1)): date(2026, 9, 30),
    ("quarter", date(2026, 7, 1)): date(2026, 9, 30),
}


def declare(desk, posts: dict, platform: str = "x") -> None:
    """posts: body -> (group, posts or None), the same in each period."""
    run = desk.open()
    day = date(2026, 9, 30)
    run.table(
        "int_group_members",
        "group_id text, organisation_id text, as_of_on date, group_kind text",
        [
            row
            for name, (group, _) in posts.items()
            for row in ((group, name, day, "size_class"), ("all", name, day, "type"))
        ],
    )
    run.table(
        "fct_metric",
        "organisation_id text, platform text, metric_id text, definition_id text, period_kind text,"
        " period_start date, as_of_on date, value double precision, numerator double precision,"
        " coverage double precision, missing_reason text, access_tier text, status text,"
        " is_synthetic boolean",
        [
            (name, platform, metric, definition, kind, start, last,
             None if own is None else own / 30, own, 0.5, "refused" if own is None else None, "T1",
             "final", True)
            for (kind, start), last in PERIODS.items()
            for name, (_, own) in posts.items()
            for metric, definition in (
                ("M03", "klankbord"), ("M03", "quintly"), ("M04", "klankbord"))
        ],
    )  # fmt: skip
    run.model("fct_post_share")


def said(desk, kind: str = "month") -> dict[str, tuple]:
    return {
        name: tuple(rest)
        for name, *rest in desk.rows(
            "select organisation_id, value, numerator, denominator, n, missing_reason"
            f" from fct_post_share where period_kind = '{kind}'"
        )
    }


@pytest.mark.parametrize("seed", range(3))
def test_every_share_equals_the_truth(desk, seed) -> None:
    draw = random.Random(seed)
    posts = {
        f"t{n:02}": (f"group-{draw.randrange(9)}", draw.choice([None, 0.0, 1.0, 7.0, 90.0]))
        for n in range(60)
    }
    declare(desk, posts)
    expected = shares(posts)
    for kind in ("month", "quarter"):
        found = said(desk, kind)
        assert found.keys() == expected.keys()
        for name, one in expected.items():
            value, *rest, reason = found[name]
            assert (value, *rest) == (
                one.value if one.value is None else pytest.approx(one.value),
                one.posts, one.of, one.n,
            )  # fmt: skip
            assert (value is None) == (reason is not None)
    told = [one.value for one in expected.values() if one.value is not None]
    assert 10 < len(told) < 60


def test_of_four_there_is_no_share_and_of_silence_none(desk) -> None:
    four = {f"a{n}": ("few", 5.0) for n in range(4)} | {"a4": ("few", None)}
    silent = {f"b{n}": ("silent", 0.0) for n in range(5)}
    declare(desk, four | silent | {f"c{n}": ("five", 2.0) for n in range(5)})
    found = said(desk)
    assert found["a0"] == (None, 5.0, None, 4, "suppressed")
    assert found["a4"] == (None, None, None, 4, "refused")
    assert found["b0"] == (None, 0.0, 0.0, 5, "not_applicable")
    assert found["c0"] == (pytest.approx(0.2), 2.0, 10.0, 5, None)


def test_it_is_no_figure_of_a_group() -> None:
    """Nothing of it is public, and no group has it: that would be the sum of all others' posts."""
    found = catalogue.read()
    assert {found[name].grain for name in ("M40", "M46")} == {"group", "body"}
    for source in ("rpt_post_share", "rpt_index", "rpt_index_component"):
        assert {part.audience for part in PARTS if part.source == source} == {"members"}


def test_questions_are_hidden_with_their_answers_and_tell_no_followers() -> None:
    """Once windows have closed M24 is the denominator of M26; the pooled M25f and the sum of M24
    would give followers, which M05 hides by rules of its own."""
    path = PROJECT_ROOT / "dbt_project/seeds/disclosure_families.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = {row["metric_id"]: row for row in csv.DictReader(file)}
    assert {rows[m]["family"] for m in ("M24", "M25", "M25f", "M26")} == {"M26"}
    # of what is_change marks neither mean nor pooled ratio is shown (fct_group_metric)
    assert rows["M25f"]["is_change"] == "true"
