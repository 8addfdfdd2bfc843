"""Gate 2's rules that look for single organisations, over what less suppression would show."""

from collections.abc import Iterator

import pytest

from klankbord import database, gates
from tests.databases import new_warehouse
from tests.suppression import worlds
from tests.suppression.test_attack import ZONES

RULES = {rule.name: rule for rule in gates.rules("reporting")}
COLUMNS = (
    "group_id, group_kind, country, organisation_type, platform, metric_id, definition_id,"
    " period_kind, period_start, period_kind || period_start as period"
)
PRIMARY = "suppression_reason is distinct from 'under_minimum'"
HIDDEN = "suppression_reason is null"


@pytest.fixture(scope="module")
def house(postgres: database.Access) -> Iterator[database.Access]:
    zones = worlds.bodies("emergency_zone", ZONES, 1)
    with new_warehouse(postgres) as access:
        worlds.prepare(access)
        found = worlds.figures(zones, "facebook", "M05", 1, presence=0.9)
        worlds.build(access, zones, found)
        yield access


def offenders(house: database.Access, rule: str, shown: str) -> set[str]:
    """Whom a rule names where the cells are shown that meet a condition."""
    batch = (
        f"(select {COLUMNS}, case when {shown} then n end as n, case when {shown} and n > 0 then"
        " mean end as value from marts.fct_group_statistic left join marts.fct_suppressed_cell"
        " using (group_id, platform, metric_id, definition_id, period_kind, period_start)"
        " inner join (select distinct group_id, group_kind, country, organisation_type from"
        " intermediate.int_group_members) as groups using (group_id))"
    )
    found = worlds.rows(house, RULES[rule].offenders.replace("{batch}", batch))
    return {row["subject"].split("/")[-1] for row in found}


def test_what_is_suppressed_passes(house):
    assert offenders(house, "nobody_is_the_group", HIDDEN) == set()
    assert offenders(house, "no_few_follow_from_a_total", HIDDEN) == set()


def test_a_small_group_and_a_dominated_one_are_named(house):
    everything = offenders(house, "nobody_is_the_group", "true")
    reasons = worlds.rows(house, "select * from marts.fct_sensitive_cell")
    for reason in ("under_minimum", "dominance"):
        groups = {r["group_id"] for r in reasons if r["suppression_reason"] == reason}
        assert groups and {g.split("/")[-1] for g in groups} <= everything
    assert "emergency_zone" not in everything


def test_a_total_that_leaves_few_is_named(house):
    """Only the primary rule: the zones' regions and sizes less the shown ones leave one or two."""
    assert offenders(house, "no_few_follow_from_a_total", PRIMARY) == {"be-emergency_zone"}
