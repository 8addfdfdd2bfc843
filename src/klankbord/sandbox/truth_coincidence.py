"""Which places of groups would name members, in plain Python by the definition of docs/design.md
("What is hidden, and from whom"). Nothing here is shared with dbt.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from klankbord.sandbox.truth_statistics import MINIMUM, STATISTICS, Metric, rank, told

#: what is hidden with each place
TOGETHER: dict[str, frozenset[str]] = {
    "median": frozenset({"median", "lower", "upper"}),
    "q1": frozenset({"q1", "q3"}),
    "q3": frozenset({"q1", "q3"}),
    "p10": frozenset({"p10", "p90"}),
    "p90": frozenset({"p10", "p90"}),
    "lower": frozenset({"lower", "upper"}),
    "upper": frozenset({"lower", "upper"}),
}
_SHARES = {"p10": Fraction(1, 10), "q1": Fraction(1, 4), "median": Fraction(1, 2),
           "q3": Fraction(3, 4), "p90": Fraction(9, 10)}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Row:
    """A group's row that is not suppressed. series: within which figures are one kind of thing
    (unit, platform, quarter); values: the members' figures; found: its statistics."""

    group_id: str
    series: tuple
    metric: Metric
    values: Mapping[str, float]
    found: Mapping


@dataclass(frozen=True, eq=False)
class _Place:
    row: Row
    name: str
    #: who has the figure, or the nearest on either side of it
    whose: Mapping[str, float]


def coincident(rows: Iterable[Row]) -> dict[Row, frozenset[str]]:
    """The statistics of each row that must not be told, where there are any."""
    alike: dict[tuple, list[_Place]] = defaultdict(list)
    for row in rows:
        for place in _places(row):
            edges = frozenset(place.whose.values())
            figure = round(row.found[place.name], 9)
            alike[row.series, figure, edges].append(place)
    found: dict[Row, frozenset[str]] = defaultdict(frozenset)
    for places in alike.values():
        for one, other in itertools.combinations(places, 2):
            if one.row.group_id != other.row.group_id and _names(one, other):
                for place in (one, other):
                    found[place.row] |= TOGETHER[place.name]
    return dict(found)


def _names(one: _Place, other: _Place) -> bool:
    """Do fewer than five have a figure on both sides, and among them those whose it is?"""
    both = one.row.values.keys() & other.row.values.keys()
    edges = {value for n, value in one.whose.items() if other.whose.get(n) == value}
    return len(both) < MINIMUM and edges == set(one.whose.values())


def _places(row: Row) -> Iterable[_Place]:
    """The told places that fewer than five of the group have."""
    if row.metric.group_interval != "order_statistic":
        return
    ordered = sorted((value, name) for name, value in row.values.items())
    may = told(row.found, row.metric)
    for name in STATISTICS:
        if name not in TOGETHER or may[name] is None:
            continue
        place = _where(name, len(ordered))
        ends = {ordered[math.floor(place)][0], ordered[math.ceil(place)][0]}
        whose = {n: round(value, 9) for value, n in ordered if value in ends}
        if len(whose) < MINIMUM:
            yield _Place(row, name, whose)


def _where(name: str, n: int) -> Fraction:
    """Where a statistic lies among n in order, the first at 0."""
    if name in _SHARES:
        return _SHARES[name] * (n - 1)
    half = rank(n) - Fraction(3, 2)
    return half if name == "lower" else n - 1 - half
