"""The attacker who lays all published tables of groups side by side and looks for one figure twice.

A median, a quartile, a tenth is one member's own figure, or lies between two. Told of two groups
that share one to four bodies it says whose it is. He compares every told place with every other of
the platform: of other metrics, months and quarters too. He has found something when he is right:
when the figure does rest on bodies that are in both groups, and fewer than five of each have it.
Of several editions he lays all tables side by side.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.suppression.attack import MINIMUM
from tests.suppression.editions import counted
from tests.suppression.worlds import Body, Figure, Period

PLACES = ("value", "p10", "q1", "median", "q3", "p90", "lower", "upper")
#: what is made of another metric's figures
BASES = dict.fromkeys(("M06a", "M06b", "M06c"), "M05")
#: sums, not places
SUMS = frozenset({"M02", "M06a", "M06b", "M22"})
YES_OR_NO = frozenset({"M02", "M22"})


@dataclass(frozen=True)
class Told:
    """A place of a published row of an edition."""

    edition: int
    group_id: str
    platform: str
    metric_id: str
    period: Period
    place: str
    figure: float

    @property
    def layer(self) -> tuple[int, str, str, Period]:
        return self.edition, self.platform, BASES.get(self.metric_id, self.metric_id), self.period


@dataclass(frozen=True)
class Named:
    """Two places that say whose figure it is."""

    one: Told
    other: Told
    bodies: frozenset[str]


def told(rows: Iterable[dict], edition: int = 0) -> Iterator[Told]:
    for r in rows:
        for name in PLACES:
            is_sum = name == "value" and r["metric_id"] in SUMS
            if r.get(name) is not None and not is_sum and r["metric_id"] not in YES_OR_NO:
                yield Told(
                    edition, r["group_id"], r["platform"], r["metric_id"],
                    (r["period_kind"], r["period_start"]), name, round(r[name], 9),
                )  # fmt: skip


def coincidences(rows: Iterable[dict], members: list[Body], known: list[Figure]) -> list[Named]:
    """Every pair of told places by which bodies are named; members and known: who they are."""
    return coincidences_of([(rows, known)], members)


def coincidences_of(
    editions: Iterable[tuple[Iterable[dict], list[Figure]]], members: list[Body]
) -> list[Named]:
    """The same of several editions: what each tells and rests on."""
    inside: dict[str, set[str]] = defaultdict(set)
    for body in members:
        for group_id in body.groups().values():
            inside[group_id].add(body.organisation_id)
    figures: dict[tuple, dict[str, float]] = defaultdict(dict)
    alike: dict[tuple[str, float], list[Told]] = defaultdict(list)
    for number, (rows, known) in enumerate(editions):
        for f in counted(known):
            layer = figures[number, f.platform, f.metric_id, f.period]
            layer[f.organisation_id] = round(f.value, 9)
        for one in told(rows, number):
            alike[one.platform, one.figure].append(one)

    def near(one: Told) -> dict[str, float]:
        """Of whom the figure is: who has it, or else the nearest on either side."""
        found = {n: v for n, v in figures[one.layer].items() if n in inside[one.group_id]}
        below = max((v for v in found.values() if v <= one.figure), default=None)
        above = min((v for v in found.values() if v >= one.figure), default=None)
        return {n: v for n, v in found.items() if v in (below, above)}

    found = []
    for places in alike.values():
        for one, other in itertools.combinations(places, 2):
            both = inside[one.group_id] & inside[other.group_id]
            both &= figures[one.layer].keys() & figures[other.layer].keys()
            if not 0 < len(both) < MINIMUM:
                continue
            whose = near(one), near(other)
            if max(map(len, whose)) >= MINIMUM:
                continue
            shared = {n for n in both if whose[0].get(n) == whose[1].get(n) is not None}
            values = {whose[0][n] for n in shared}
            if shared and all(values == set(side.values()) for side in whose):
                found.append(Named(one, other, frozenset(shared)))
    return found
