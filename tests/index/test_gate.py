"""Gate 2's rules of the index over what dbt makes, and over rows that each break one of them."""

import pytest

from klankbord import gates
from tests.index.conftest import Desk
from tests.index.worlds import random_towns
from tests.pipeline.bad_index_rows import index_rows

TABLES = ("rpt_index", "rpt_index_component")


@pytest.fixture
def reported(desk: Desk) -> Desk:
    desk.declare(random_towns(1, 80))
    for name in TABLES:
        desk.execute(f"create table reporting.{name} as table pg_temp.{name}")
    return desk


def refused(desk: Desk) -> dict[str, set[str]]:
    rules = [rule for rule in gates.rules("reporting") if rule.table == "reporting.rpt_index"]
    found = {
        rule.name: {row[0] for row in desk.rows(rule.offenders.replace("{batch}", rule.table))}
        for rule in rules
    }
    return {name: subjects for name, subjects in found.items() if subjects}


def test_what_dbt_makes_passes(reported) -> None:
    assert reported.rows("select count(value) > 20 from reporting.rpt_index") == [(True,)]
    assert refused(reported) == {}


def test_each_rule_sees_its_bad_rows_and_no_others(reported) -> None:
    rows = index_rows()
    for bad in rows.values():
        for _, statement in bad:
            reported.execute(statement)
    assert refused(reported) == {
        rule: {subject for subject, _ in bad} - {""} for rule, bad in rows.items()
    }


def test_another_figure_of_the_group_would_be_noticed(reported) -> None:
    [(name,), *_] = reported.rows(
        "select organisation_id from reporting.rpt_index where value is not null order by value"
    )
    reported.execute(f"update reporting.rpt_index set value = 99 where organisation_id = '{name}'")
    found = refused(reported)
    assert name in found["bands_hold_the_rank"]
    assert found["indexes_follow_from_their_components"] == {name}
