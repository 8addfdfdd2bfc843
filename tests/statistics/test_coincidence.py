"""A figure that is told of two groups names a body that is in both: why no end of an interval is
one body's own figure. Counted over the register's own groups of municipalities."""

import random
from collections import defaultdict
from datetime import date

import pytest

from klankbord.sandbox import truth_groups
from klankbord.sandbox import truth_statistics as truth
from klankbord.sandbox.truth_statistics import Member, Metric
from tests.pipeline.registers import bodies

BEFORE = ("median", "q1", "q3")
ADDED = (*BEFORE, "p10", "p90", "lower", "upper")
DRAWS = 60


@pytest.fixture(scope="module")
def groups() -> dict[str, list[str]]:
    found = truth_groups.members(bodies(), date(2026, 9, 30))
    return {g: sorted(names) for g, names in found.items() if "-municipality" in g}


def told(values: list[float], names: tuple[str, ...]) -> set[float]:
    """What is published of a group with these values; `exact` the members that bound the median."""
    may = truth.told(truth.of_group([Member("", v) for v in values], Metric()), Metric())
    seen = {may[name] for name in names if name != "exact"} - {None}
    place = truth.rank(len(values))
    if "exact" in names and place > truth.TAIL:
        ordered = sorted(values)
        seen |= {ordered[place - 1], ordered[-place]}
    return seen


def named(groups: dict[str, list[str]], names: tuple[str, ...]) -> int:
    """How often a told figure lies in two groups that share fewer than five bodies."""
    found = 0
    for seed in range(DRAWS):
        draw = random.Random(seed)
        presence = draw.choice([0.2, 0.5, 0.9, 1])
        value = {b: draw.random() for g in groups.values() for b in g}
        there = {b for b in value if draw.random() < presence}
        where = defaultdict(list)
        for members in groups.values():
            inside = there.intersection(members)
            for figure in told([value[b] for b in sorted(inside)], names):
                where[figure].append(inside)
        for sets in where.values():
            found += len(sets) > 1 and len(set.intersection(*sets)) < truth.MINIMUM
    return found


def test_ends_between_two_bodies_name_hardly_anybody_more(groups) -> None:
    before, now = named(groups, BEFORE), named(groups, ADDED)
    exact = named(groups, (*BEFORE, "exact"))
    assert before <= now <= 1.4 * before, (before, now)
    assert exact > 2 * before, (before, exact)
