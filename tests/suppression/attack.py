"""The attacker: everything that is published, the register, and linear programming.

He has every published cell of one or more editions (n, mean, pooled, median, quartiles, tenths, the
ends of intervals). He knows who is in which group, who has a figure at all and, between editions,
whose figure changed: more than anybody could. Of each sum over a few bodies he asks how small and
how large it can be (equations.py).

He shares no code with the models: a group is a set of bodies here, and nothing is a tree.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tests.suppression.editions import Edition
from tests.suppression.equations import Equations
from tests.suppression.worlds import Period

MINIMUM = 5
#: what stays uncertain: so much of the true sum on one side of it; of shares so much in all
PROTECTION = 0.1
#: what is taken from a whole, in this order
KINDS = (("region",), ("province",), ("region", "province"), ("size",))
MEASURES = {"M05": ("both", "value", "numerator"), "M22": ("value",), "M29": ("value",)}


@dataclass(frozen=True)
class Find:
    """Something hidden that the attacker has: its bounds and the truth."""

    how: str
    what: str
    platform: str
    metric_id: str
    measure: str
    period: Period
    low: float
    high: float
    true: float


class Attack:
    """The search for what must not be known, in the sums of one type, platform and metric."""

    def __init__(self, sums: Equations):
        self.sums = sums

    def targets(self) -> Iterator[tuple[str, Period, np.ndarray]]:
        """What must not be known: groups that the primary rules hide, what fewer than five bodies
        of the same groups have, what fewer than five that changed had before and have now, and by
        how much they changed."""
        for period in self.sums.periods:
            for i in range(len(self.sums.editions)):
                for group_id in self.sums.groups(i):
                    row = self.sums.row(i, group_id, period)
                    if row.any() and self.is_sensitive(row, worth=False):
                        yield f"{group_id} sum", period, row
                    if row.any() and self.sums.is_both and self.is_sensitive(row, worth=True):
                        yield f"{group_id} mean", period, row * self.sums.worth
        pieces: dict = defaultdict(list)
        everywhere = tuple(range(len(self.sums.editions)))
        for j, (_, period, at) in enumerate(self.sums.keys):
            place = tuple(sorted(self.sums.place[j].items()))
            if at != everywhere:
                pieces["changed", place, at, period].append(j)
            # all of a shown group may have 1; of a part of it, that is no secret
            if not self.sums.is_share:
                for i in at:
                    pieces["part", self.sums.place[j][i], i, period].append(j)
        for (kind, place, at, period), where in pieces.items():
            if self.sums.size[where].sum() < MINIMUM:
                row = np.zeros(len(self.sums.keys))
                row[where] = 1.0
                yield f"{kind} {place}", period, row
                before = pieces.get(("changed", place, (0,), period))
                if kind == "changed" and at == (1,) and before:
                    change = row.copy()
                    change[before] = -1.0
                    yield f"change {place}", period, change

    def is_sensitive(self, row: np.ndarray, worth: bool) -> bool:
        inside = [f for i in np.flatnonzero(row) for f in self.sums.atoms[i]]
        amounts = sorted((f.value if worth else self.sums.amount(f) for f in inside), reverse=True)
        if len(amounts) < MINIMUM:
            return True
        rest = sum(amounts) - amounts[0]
        if self.sums.is_share or sum(amounts) == 0:
            return False
        return amounts[0] > rest * (1 + 1e-9) or (
            rest - amounts[1] < PROTECTION * amounts[0] * (1 - 1e-9)
        )

    def is_found(self, row: np.ndarray, low: float, high: float, is_group: bool = False) -> bool:
        """Whether the interval is narrower than the protection. Of a group's sum by itself (not
        with two equations for each body) the upper end alone is enough: nothing is under zero, so
        an estimate starts above."""
        true = float(self.sums.true @ row)
        slack = 1e-6 * max(1.0, abs(true))
        if row.min() < 0:
            return high - low < slack
        if self.sums.is_share:
            return high - low < PROTECTION * float(self.sums.size @ row) - slack
        is_near_above = high < (1 + PROTECTION) * true - slack
        is_near_below = low > (1 - PROTECTION) * true + slack
        return high - low < slack or (
            is_near_above and (is_near_below or (is_group and not self.sums.is_both))
        )

    def remainders(self) -> Iterator[Find]:
        """Shown groups less the shown groups inside them: what is left must be safe as a group."""
        for i, edition in enumerate(self.sums.editions):
            for period in self.sums.periods:
                shown = {c.group_id for c in edition.published if c.period == period}
                rows = {g: self.sums.row(i, g, period) for g in self.sums.groups(i) if g in shown}
                for (whole, inside), kinds in itertools.product(rows.items(), KINDS):
                    left = inside.copy()
                    for kind in kinds:
                        for part, row in rows.items():
                            if f"/{kind}-" in part and part != whole and (row <= left).all():
                                left = left - row
                    if left.any() and self.is_sensitive(left, worth=False):
                        true = float(self.sums.true @ left)
                        yield self._find(
                            "remainder", f"{whole} less {kinds}", period, true, true, true
                        )

    def subtractions(self) -> Iterator[Find]:
        """Sums that follow exactly: a target in the span of what is known."""
        yield from self.remainders()
        if not len(self.sums.equal):
            return
        scaled = self.sums.equal / np.abs(self.sums.equal).max(axis=1)[:, None]
        _, sizes, directions = np.linalg.svd(scaled, full_matrices=False)
        space = directions[sizes > 1e-9]
        for what, period, row in self.targets():
            rest = row - space.T @ (space @ row)
            if np.abs(rest).max() < 1e-7 * np.abs(row).max():
                true = float(self.sums.true @ row)
                yield self._find("subtraction", what, period, true, true, true)

    def programmes(self) -> Iterator[Find]:
        """Sums that linear programming bounds too narrowly."""
        for what, period, row in self.targets():
            low, high = self.sums.bounds(row)
            if self.is_found(row, low, high, is_group=what.endswith((" sum", " mean"))):
                yield self._find("programme", what, period, low, high, float(self.sums.true @ row))

    def _find(self, how, what, period, low, high, true) -> Find:
        of = self.sums
        return Find(how, what, of.platform, of.metric_id, of.measure, period, low, high, true)


def attacks(editions: list[Edition]) -> Iterator[Attack]:
    """One for each type, platform, metric and measure."""
    for base in sorted({b.base for e in editions for b in e.members}):
        parts = []
        for e in editions:
            inside = [b for b in e.members if b.base == base]
            names = {b.organisation_id for b in inside}
            parts.append((inside, [f for f in e.known if f.organisation_id in names], e.published))
        keys = {(f.platform, f.metric_id) for _, known, _ in parts for f in known}
        for platform, metric_id in sorted(keys):
            chosen = [
                Edition(
                    members,
                    [f for f in known if (f.platform, f.metric_id) == (platform, metric_id)],
                    [c for c in shown if (c.platform, c.metric_id) == (platform, metric_id)],
                )
                for members, known, shown in parts
            ]
            for measure in MEASURES.get(metric_id, ("value", "numerator")):
                yield Attack(Equations(chosen, measure))


def subtractions(editions: list[Edition]) -> list[Find]:
    return [find for attack in attacks(editions) for find in attack.subtractions()]


def programmes(editions: list[Edition], most: int = 10_000) -> list[Find]:
    """most: attacks with more unknowns than that are left out, for they take minutes."""
    return [
        find
        for attack in attacks(editions)
        if len(attack.sums.keys) <= most
        for find in attack.programmes()
    ]
