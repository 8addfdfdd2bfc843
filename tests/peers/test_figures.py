"""Figures of peer sets, against an independent computation: medians, no sum, nothing of few."""

import random
from datetime import date

import pytest

from klankbord.sandbox import truth_peers
from tests.peers.registers import ON, plain

START = date(2026, 9, 1)
PUBLIC = {"M01"}
METRICS = ("M01", "M02", "M05", "M26")


def world(desk, seed: int) -> tuple[dict, dict]:
    """(metric -> body -> value or None, group_id -> (owner, members)) after dbt's models ran."""
    register, draw = plain(seed, n=60), random.Random(seed)
    desk.declare(register)
    desk.periods(
        ("facebook", "month", "2026-08-01", "2026-08-31"),
        ("facebook", "month", str(START), str(ON)),
    )
    names = [b.organisation_id for b in register.organisations]
    values = {
        metric: {
            name: float(draw.random() < 0.5) if metric in ("M01", "M02") else draw.random() * 100
            for name in names
            if draw.random() < (0.7 if metric != "M26" else 0.25)
        }
        for metric in METRICS
    }
    desk.fill("marts.fct_metric", [
        {"organisation_id": name, "platform": "facebook", "metric_id": metric,
         "definition_id": definition, "period_kind": "month", "period_start": start,
         "as_of_on": last, "value": 50.0 if definition == "quintly" else values[metric].get(name),
         "numerator": values[metric].get(name), "denominator": 1,
         "coverage": 1.0, "access_tier": "T2", "status": "final", "is_synthetic": True}
        for metric in METRICS
        for name in names
        for definition in ("klankbord", "quintly")
        for start, last in ((START, ON), (date(2026, 8, 1), date(2026, 8, 31)))
    ])  # fmt: skip
    desk.fill("intermediate.int_metric_periods", [
        {"metric_id": metric, "platform": "facebook", "period_kind": "month", "period_start": start,
         "last_on": last, "status": "final"}
        for metric in METRICS
        for start, last in ((START, ON), (date(2026, 8, 1), date(2026, 8, 31)))
    ])  # fmt: skip
    desk.groups()
    desk.run("marts.dim_peer_set", "marts.fct_peer_metric")
    members: dict = {}
    for group, owner, name in desk.rows(
        "select group_id, owner_id, organisation_id from intermediate.int_peer_members"
        f" where as_of_on = '{ON}'"
    ):
        members.setdefault(group, (owner, set()))[1].add(name)
    return values, members


@pytest.mark.parametrize("seed", range(3))
def test_what_is_told_of_a_set_equals_the_truth(desk, seed) -> None:
    values, members = world(desk, seed)
    found = {
        row[:2]: row[2:]
        for row in desk.rows(
            "select group_id, metric_id, value, n, mean, median, q1, q3, n_members, missing_reason"
            f" from marts.fct_peer_metric where period_start = '{START}'"
        )
    }
    expected = {}
    for group, (owner, names) in members.items():
        if group.endswith("/neighbours-across"):
            continue
        for metric in set(METRICS) - {"M02"}:
            known = values[metric]
            if owner is None or owner in known:
                told = truth_peers.of_set(
                    [known[n] for n in names if n in known],
                    is_public=metric in PUBLIC,
                    is_share=metric == "M01",
                )
                expected[group, metric] = (*told.values(), len(names))
    # of a body's own set that may not speak there is no row
    silent = expected.keys() - found.keys()
    assert all(expected[key][0] is None for key in silent)
    assert all(members[key[0]][0] is None for key in found if found[key][0] is None)
    assert found.keys() <= expected.keys()
    assert sum(v[0] is not None for v in found.values()) > 100
    for key, (*said, reason) in found.items():
        assert said == [v if v is None else pytest.approx(v) for v in expected[key]], key
        assert (reason == "suppressed") == (said[0] is None)


def test_no_sum_leaves_the_house(desk) -> None:
    """Sets overlap: all but one of a group would give that one away."""
    world(desk, 1)
    told = desk.rows(
        "select distinct metric_id from marts.fct_peer_metric where mean is not null"
        " or pooled is not null"
    )
    assert told == [("M01",)]
    assert desk.rows("select count(*) from marts.fct_peer_metric where metric_id = 'M02'") == [(0,)]
    # a body's own sets are made of the latest period alone, shared ones of all
    periods = desk.rows(
        "select s.owner_id is null, count(distinct period_start) from marts.fct_peer_metric as f"
        " inner join marts.dim_peer_set as s using (group_id) group by 1 order by 1"
    )
    assert periods == [(False, 1), (True, 2)]
