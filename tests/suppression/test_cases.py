"""Small groups drawn by hand: each shows one way in which something hidden would follow."""

from collections.abc import Iterator

import pytest

from klankbord import database
from tests.databases import new_warehouse
from tests.suppression import attack, editions, worlds
from tests.suppression.editions import Edition
from tests.suppression.worlds import LAST, PERIODS, QUARTER, SIZES, Body, Figure

SMALL, MIDDLE, LARGE = SIZES
#: type -> bodies as (province, size, value) with how many of them
CASES: dict[str, list[tuple[str, str, float, int]]] = {
    # the small ones less province 10000 are one body of 20001
    "ocmw": [("10000", SMALL, 9, 10), ("20001", MIDDLE, 9, 9), ("20001", SMALL, 7, 1)],
    # of shares: as many small ones answer as can, so the four of 30000 all do
    "police_zone": [
        ("30000", SMALL, 1, 4), ("40000", SMALL, 1, 2), ("40000", MIDDLE, 1, 2),
        ("40000", MIDDLE, 0, 4), ("70000", SMALL, 1, 3), ("70000", SMALL, 0, 2),
        ("70000", MIDDLE, 0, 5),
    ],
    # as few as can: none of the four does
    "emergency_zone": [
        ("30000", SMALL, 0, 4), ("40000", SMALL, 0, 2), ("40000", MIDDLE, 0, 2),
        ("40000", MIDDLE, 1, 4), ("70000", SMALL, 0, 3), ("70000", SMALL, 1, 2),
        ("70000", MIDDLE, 1, 5),
    ],
    # four have nearly everything, and none of them over half
    "municipality": [("10000", SMALL, 100, 4), ("20001", SMALL, 2, 6), ("30000", SMALL, 2, 6)],
    # the two largest of a province, who are neighbours in everything, know each other's figure
    "safety_region": [("10000", SMALL, 45, 2), ("10000", SMALL, 1, 4), ("20001", MIDDLE, 9, 9)],
    # exactly five, and nothing to protect
    "province": [("10000", SMALL, 3, 5), ("20001", SMALL, 4, 5)],
    # the same, with one to spare: somebody will move
    "police_unit": [("10000", SMALL, 3, 7), ("20001", SMALL, 4, 7)],
}  # fmt: skip
METRIC = {"police_zone": "M22", "emergency_zone": "M22"}


def bodies() -> Iterator[tuple[Body, float]]:
    for kind, parts in CASES.items():
        number = 0
        for province, size, value, count in parts:
            for _ in range(count):
                yield Body(f"{kind}-{number:02}", "BE", kind, None, province, size, 1), value
                number += 1


def figures(found: list[tuple[Body, float]]) -> list[Figure]:
    """M29, which has no numerators, or M22; every period alike but for a little."""
    return [
        Figure(
            body.organisation_id, "facebook", metric, period,
            value if metric == "M22" else value * (1 + i / 100), *pair,
        )
        for body, value in found
        for i, period in enumerate(PERIODS)
        for metric in [METRIC.get(body.organisation_type, "M29")]
        for pair in [(value, 1.0) if metric == "M22" else (None, None)]
    ]  # fmt: skip


@pytest.fixture(scope="module")
def house(postgres: database.Access) -> Iterator[database.Access]:
    with new_warehouse(postgres) as access:
        worlds.prepare(access)
        found = list(bodies())
        worlds.build(access, [body for body, _ in found], figures(found))
        yield access


def edition(house: database.Access, kind: str, query: str) -> Edition:
    found = [(body, value) for body, value in bodies() if body.organisation_type == kind]
    shown = editions.cells(worlds.rows(house, query))
    return Edition(
        [body for body, _ in found],
        figures(found),
        [c for c in shown if c.group_id.startswith(f"be-{kind}")],
    )


SHOWN = "select * from marts.fct_group_metric"
PRIMARY = """select statistic.* from marts.fct_group_statistic as statistic
left join marts.fct_sensitive_cell as cell
    using (group_id, platform, metric_id, definition_id, period_kind, period_start)
where cell.group_id is null"""
#: what the secondary suppression would leave, were it blind for the case
BLIND = PRIMARY + " and group_id !~ '/province-(30000|40000)'"


@pytest.mark.parametrize("kind", list(CASES))
def test_nothing_follows(house, kind):
    shown = edition(house, kind, SHOWN)
    assert attack.subtractions([shown]) == []
    assert attack.programmes([shown]) == []
    assert bool(shown.published) == (kind != "municipality")


@pytest.mark.parametrize(
    ("kind", "query"), [("ocmw", PRIMARY), ("police_zone", BLIND), ("emergency_zone", BLIND)]
)
def test_it_would_follow(house, kind, query):
    blind = edition(house, kind, query)
    assert attack.subtractions([blind]) or attack.programmes([blind])


def test_five_are_enough(house):
    shown = {r["group_id"] for r in worlds.rows(house, f"{SHOWN} where value is not null")}
    assert {"be-province", "be-province/province-10000", "be-province/province-20001"} <= shown


def test_reasons(house):
    rows = worlds.rows(
        house,
        "select distinct group_id, suppression_reason from marts.fct_suppressed_cell"
        " where metric_id in ('M22', 'M29') and definition_id = 'klankbord'",
    )
    reasons = {(r["group_id"], r["suppression_reason"]) for r in rows}
    assert ("be-police_zone/province-30000", "under_minimum") in reasons
    assert ("be-police_zone/province-40000", "secondary") in reasons
    assert ("be-safety_region/province-10000", "dominance") in reasons
    assert not {r for r in reasons if r[0].startswith("be-province")}


def test_a_body_that_moves_within_the_quarter_hides_both_groups(house):
    """Its months in one province, its quarter in another: the difference would be its own."""
    query = "select * from marts.{} where group_id like 'be-police_unit%'"
    assert not worlds.rows(house, query.format("fct_suppressed_cell"))
    with house.connect("klankbord_transformer") as connection, connection.cursor() as cursor:
        cursor.execute(
            "update intermediate.int_group_members set group_id = replace(group_id, '10000',"
            " '20001') where organisation_id = 'police_unit-00' and as_of_on = %s",
            [LAST["quarter", QUARTER]],
        )
    worlds.warehouse.run(house, ["run", "--select", *worlds.MODELS])
    reasons = worlds.rows(house, query.format("fct_sensitive_cell"))
    assert {(r["group_id"], r["suppression_reason"]) for r in reasons} == {
        ("be-police_unit/province-10000", "moved"),
        ("be-police_unit/province-20001", "moved"),
    }
    hidden = worlds.rows(house, query.format("fct_suppressed_cell"))
    assert {r["period_start"] for r in hidden} == set(worlds.MONTHS), "in all of the quarter"
