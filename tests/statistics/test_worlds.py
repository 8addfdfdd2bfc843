"""dbt's statistics of hostile worlds equal plain Python's: groups of no, few and many bodies, ties,
negatives, one value for all, counts that nobody knows, figures that the group does not count."""

import math
import random
from collections import Counter
from dataclasses import fields

import pytest

from klankbord.sandbox.truth_standing import Standing
from klankbord.sandbox.truth_statistics import STATISTICS
from tests.statistics import worlds

SEEDS = range(8)
TOLD = ("value", "n", *STATISTICS)
STOOD = tuple(field.name for field in fields(Standing))


def same(found, expected) -> bool:
    if isinstance(found, float) and isinstance(expected, float | int):
        return math.isclose(found, expected, rel_tol=1e-8, abs_tol=1e-10)
    return found == expected


def differing(found: dict, expected: dict, names: tuple[str, ...]) -> list:
    assert found.keys() == expected.keys()
    return [
        (key, name, said, true)
        for key in sorted(found)
        for name, said, true in zip(names, found[key], expected[key], strict=True)
        if not same(said, true)
    ]


def read(run, model: str, subject: str, names: tuple[str, ...]) -> dict:
    rows = run.rows(f"select {subject}, metric_id, {', '.join(names)} from {model}")
    assert len({row[:2] for row in rows}) == len(rows)
    return {row[:2]: row[2:] for row in rows}


@pytest.fixture(scope="module", params=SEEDS)
def world(request, bench):
    found = list(worlds.groups(request.param))
    with worlds.build(bench, found) as run:
        yield found, run


def test_of_groups(world) -> None:
    found, run = world
    names = ("n", *STATISTICS)
    expected = {
        key: tuple(known[name] for name in names)
        for key, known in worlds.expected_statistics(found).items()
    }
    assert len(expected) > 150
    assert differing(read(run, "fct_group_statistic", "group_id", names), expected, names) == []


def test_of_groups_as_told(world) -> None:
    found, run = world
    expected = {
        key: tuple(known[name] for name in TOLD)
        for key, known in worlds.expected_told(found).items()
    }
    assert differing(read(run, "fct_group_metric", "group_id", TOLD), expected, TOLD) == []
    # an end of an interval, told, has at least five beyond it; a tenth has five at or beyond it
    for group_id, metric_id, n in run.rows(
        "select group_id, metric_id, n from fct_group_metric where lower is not null"
    ):
        values = _values(found, group_id, metric_id)
        if worlds.METRICS.get(metric_id, worlds.METRICS["M05"]).group_interval != "wilson":
            assert n >= 20
            assert len(values) == n


def _values(found, group_id: str, metric_id: str) -> list[float]:
    base = worlds.OF_GROUPS.get(metric_id, (metric_id,))[0]
    group = next(g for g in found if g.group_id == group_id)
    return [m.value for m in group.counted(base) if m.value is not None]


def test_of_bodies(world) -> None:
    found, run = world
    expected = {
        key: tuple(getattr(stood, name) for name in STOOD)
        for key, stood in worlds.expected_standings(found).items()
    }
    assert differing(read(run, "fct_comparison", "organisation_id", STOOD), expected, STOOD) == []


def test_the_worlds_hold_every_answer(bench) -> None:
    """Or the tests above would compare nothing with nothing."""
    said = Counter()
    for seed in SEEDS:
        for stood in worlds.expected_standings(list(worlds.groups(seed))).values():
            said[stood.comparison_basis, stood.comparison] += 1
            said[stood.comparison_reason] += 1
            said[stood.colour_class] += 1
            said["wide"] += (stood.overdispersion or 0) > 1
            said["no width"] += stood.percentile is not None and stood.distance_to_median is None
    for basis in ("funnel", "interval", "middle_half"):
        for verdict in ("lower", "higher", "not_distinguishable"):
            assert said[basis, verdict] > 5, (basis, verdict, said)
    for reason in (
        "no_figure", "no_group", "not_in_group", "suppressed", "yes_or_no", "no_interval",
        "few_peers", "few_cases", "low", "middle", "high", "grey", "wide", "no width",
    ):  # fmt: skip
        assert said[reason] > 5, (reason, said)


def test_nothing_stands_alone_in_an_empty_world(bench) -> None:
    with worlds.build(bench, []) as run:
        for model in worlds.MODELS:
            assert run.rows(f"select * from {model}") == []


def test_places_of_a_group_are_50_in_the_middle(bench) -> None:
    """Whatever the ties: half of a group lies behind, in the mean."""
    draw = random.Random(5)
    found = [worlds.group(draw, f"ties-{n}", n, worlds.KINDS["ties"]) for n in (5, 12, 23)]
    with worlds.build(bench, found) as run:
        means = run.rows("select avg(percentile) from fct_standing group by group_id, metric_id")
    assert [mean for (mean,) in means] == pytest.approx([50.0] * len(means))
    assert len(means) == 3 * len(worlds.METRICS)
