"""The attacker: everything that is published, the register, and linear programming.

He has every published cell of one or more editions (n, mean, pooled, median, quartiles, tenths, the
ends of intervals). He knows who is in which group, who has a figure at all and, between editions,
whose figure changed: more than anybody could. Of each sum over a few bodies he asks how small and
how large it can be.

He shares no code with the models: a group is a set of bodies here, and nothing is a tree.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix
from scipy.stats import binom

from tests.suppression.worlds import FLOWS, MONTHS, QUARTER, SHARES, STOCKS, Body, Figure, Period

MINIMUM = 5
#: what stays uncertain: so much of the true sum on one side of it; of shares so much in all
PROTECTION = 0.1


@dataclass(frozen=True)
class Cell:
    """A published row of a group, as the attacker reads it. places: (place, value) of members in
    order, the first at 0; between two places what lies between their values."""

    group_id: str
    platform: str
    metric_id: str
    period: Period
    n: int
    mean: float
    pooled: float | None
    places: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Edition:
    """What was published once, and the bodies and figures that it rests on."""

    members: list[Body]
    known: list[Figure]
    published: list[Cell]


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


def cells(rows: Iterable[dict]) -> list[Cell]:
    """Rows of rpt_group_metric that show something."""
    return [
        Cell(
            r["group_id"], r["platform"], r["metric_id"], (r["period_kind"], r["period_start"]),
            r["n"], r["mean"], r["pooled"],
            tuple(places(r)),
        )
        for r in rows
        if r["mean"] is not None
    ]  # fmt: skip


def places(r: dict) -> Iterator[tuple[float, float]]:
    """Where the published figures stand among the members. An end of a median's interval lies
    between two of them: the one that the binomial names and the next outwards."""
    last = r["n"] - 1
    for share, name in ((0.1, "p10"), (0.25, "q1"), (0.5, "median"), (0.75, "q3"), (0.9, "p90")):
        if r[name] is not None:
            yield share * last, r[name]
    # of shares of bodies it is Wilson's, which says what n and mean say
    if r["lower"] is not None and r["metric_id"] not in ("M02", "M22"):
        bound = binom.ppf(0.025, r["n"], 0.5) - 1.5
        yield bound, r["lower"]
        yield last - bound, r["upper"]


class Attack:
    """One type, platform and metric, over editions. The unknowns are what bodies add to a sum;
    bodies that no equation tells apart are one unknown, and so is what did not change in between.

    measure: `value` (a mean is a sum of values), `numerator` (a pooled ratio is a sum of
    numerators, for he knows what their denominators add up to), `both` (he knows each denominator,
    as with inhabitants: a value is scale x numerator / denominator)."""

    def __init__(self, editions: list[Edition], measure: str):
        first = editions[0].known[0]
        self.platform, self.metric_id = first.platform, first.metric_id
        self.editions, self.measure = editions, measure
        self.scale = 100 if self.metric_id == "M05" else 1
        self.is_share = self.metric_id in SHARES and measure == "value"
        self.is_both = measure == "both"
        self._unknowns()
        self._relations()

    def _unknowns(self) -> None:
        places: dict[str, dict[int, tuple[str, ...]]] = defaultdict(dict)
        versions: dict[str, dict[tuple, set[int]]] = defaultdict(lambda: defaultdict(set))
        for i, edition in enumerate(self.editions):
            for body in edition.members:
                places[body.organisation_id][i] = tuple(sorted(body.groups().values()))
            for f in counted(edition.known):
                versions[f.organisation_id][f.period, f].add(i)
        atoms: dict[tuple, list[Figure]] = defaultdict(list)
        for name in sorted(versions):
            there = tuple(sorted((p, tuple(sorted(e))) for (p, _), e in versions[name].items()))
            who = name if self.is_both else (tuple(sorted(places[name].items())), there)
            for (period, figure), at in versions[name].items():
                atoms[who, period, tuple(sorted(at))].append(figure)
        self.keys, self.atoms = list(atoms), list(atoms.values())
        self.periods = sorted({period for _, period, _ in self.keys})
        self.size = np.array([len(atom) for atom in self.atoms], dtype=float)
        self.true = np.array([sum(map(self._amount, atom)) for atom in self.atoms])
        #: how much of the sum of values one of the unknown is
        self.worth = np.array(
            [self.scale / atom[0].denominator if self.is_both else 1.0 for atom in self.atoms]
        )
        # no share is over 1
        self.most = self.size if self.is_share else np.full(len(atoms), math.inf)
        self.place = [places[atom[0].organisation_id] for atom in self.atoms]

    def _amount(self, figure: Figure) -> float:
        return figure.value if self.measure == "value" else figure.numerator

    def row(self, edition: int, group_id: str, period: Period) -> np.ndarray:
        """Which unknowns a group's sum is made of."""
        return np.array(
            [
                float(key[1] == period and edition in key[2] and group_id in place.get(edition, ()))
                for key, place in zip(self.keys, self.place, strict=True)
            ]
        )

    def groups(self, edition: int) -> list[str]:
        return sorted({g for place in self.place for g in place.get(edition, ())})

    def _relations(self) -> None:
        equal: list[tuple[np.ndarray, float]] = []
        below: list[tuple[np.ndarray, float]] = []
        for i, edition in enumerate(self.editions):
            rows = {(g, p): self.row(i, g, p) for g in self.groups(i) for p in self.periods}
            for cell in edition.published:
                row = rows.get((cell.group_id, cell.period))
                if row is None or not row.any():
                    continue
                if self.measure != "numerator":
                    equal.append((row * self.worth, cell.mean * cell.n))
                    others = [rows[g, cell.period] for g in self.groups(i)]
                    below += self._order(cell, row, others)
                if self.measure != "value":
                    weight = sum(f.denominator for j in np.flatnonzero(row) for f in self.atoms[j])
                    equal.append((row, cell.pooled * weight / self.scale))
            for row, is_equal in self._time(i):
                (equal if is_equal else below).append((row, 0.0))
        self.equal = np.array([row for row, _ in equal])
        self.known = np.array([known for _, known in equal])
        self.below = np.array([row for row, _ in below])
        self.limits = np.array([limit for _, limit in below])

    def _time(self, edition: int) -> Iterator[tuple[np.ndarray, bool]]:
        """What a quarter has to do with its months: equal to 0, or at most 0."""
        places: dict = defaultdict(dict)
        for i, (who, period, at) in enumerate(self.keys):
            if edition in at:
                places[who][period] = i
        for found in places.values():
            months = [found[p] for p in sorted(found) if p[0] == "month"]
            if ("quarter", QUARTER) not in found or not months:
                continue
            row = np.zeros(len(self.keys))
            row[found["quarter", QUARTER]] = 1.0
            if len(months) == 1 or (self.metric_id in FLOWS and self.measure == "numerator"):
                row[months] = -1.0
                yield row, True
            elif self.metric_id in STOCKS:
                row[months[-1]] = -1.0
                yield row, True
            elif self.metric_id == "M22":
                for month in months:
                    least = -row
                    least[month] = 1.0
                    yield least, False
                row[months] = -1.0
                yield row, False

    def _order(
        self, cell: Cell, row: np.ndarray, others: list[np.ndarray]
    ) -> Iterator[tuple[np.ndarray, float]]:
        """What places say of any k of n, whoever they are: not less than the k smallest can be,
        not more than the k largest."""
        floors, caps = np.zeros(cell.n), np.full(cell.n, 1.0 if self.is_share else math.inf)
        for place, value in cell.places:
            floors[math.ceil(place) :] = np.maximum(floors[math.ceil(place) :], value)
            caps[: math.floor(place) + 1] = np.minimum(caps[: math.floor(place) + 1], value)
        sets = [row * other for other in others]
        sets += [np.eye(1, len(row), i)[0] for i in np.flatnonzero(row)]
        for inside in sets:
            k = int(inside @ self.size)
            if k and floors[:k].sum() > 0:
                yield -inside * self.worth, -floors[:k].sum()
            if k and math.isfinite(caps[-k:].sum()) and caps[-k:].sum() < k:
                yield inside * self.worth, caps[-k:].sum()

    def bounds(self, row: np.ndarray) -> tuple[float, float]:
        """The smallest and the largest that a sum can be."""
        # in units of an unknown's average, so that the solver's tolerance is small
        unit = max(1.0, self.true.sum() / len(self.true))
        options = {
            "method": "highs",
            "bounds": np.stack([np.zeros(len(row)), self.most / unit], axis=1),
        }
        if len(self.equal):
            by = np.abs(self.equal).max(axis=1)
            options |= {
                "A_eq": csr_matrix(self.equal / by[:, None]), "b_eq": self.known / by / unit,
            }  # fmt: skip
        if len(self.below):
            options |= {"A_ub": csr_matrix(self.below), "b_ub": self.limits / unit + 1e-9}
        ends = []
        for sign in (1, -1):
            answer = linprog(sign * row, **options)
            if answer.status == 3:  # no end
                ends.append(sign * -math.inf)
            elif answer.status == 0:
                ends.append(sign * answer.fun * unit)
            else:
                raise RuntimeError(f"{self.platform} {self.metric_id}: {answer.message}")
        return ends[0], ends[1]

    def targets(self) -> Iterator[tuple[str, Period, np.ndarray]]:
        """What must not be known: groups that the primary rules hide, what fewer than five bodies
        of the same groups have, what fewer than five that changed had before and have now, and by
        how much they changed."""
        for period in self.periods:
            for i in range(len(self.editions)):
                for group_id in self.groups(i):
                    row = self.row(i, group_id, period)
                    if row.any() and self.is_sensitive(row, worth=False):
                        yield f"{group_id} sum", period, row
                    if row.any() and self.is_both and self.is_sensitive(row, worth=True):
                        yield f"{group_id} mean", period, row * self.worth
        pieces: dict = defaultdict(list)
        everywhere = tuple(range(len(self.editions)))
        for j, (_, period, at) in enumerate(self.keys):
            place = tuple(sorted(self.place[j].items()))
            if at != everywhere:
                pieces["changed", place, at, period].append(j)
            # all of a shown group may have 1; of a part of it, that is no secret
            if not self.is_share:
                for i in at:
                    pieces["part", self.place[j][i], i, period].append(j)
        for (kind, place, at, period), where in pieces.items():
            if self.size[where].sum() < MINIMUM:
                row = np.zeros(len(self.keys))
                row[where] = 1.0
                yield f"{kind} {place}", period, row
                before = pieces.get(("changed", place, (0,), period))
                if kind == "changed" and at == (1,) and before:
                    change = row.copy()
                    change[before] = -1.0
                    yield f"change {place}", period, change

    def is_sensitive(self, row: np.ndarray, worth: bool) -> bool:
        inside = [f for i in np.flatnonzero(row) for f in self.atoms[i]]
        amounts = sorted((f.value if worth else self._amount(f) for f in inside), reverse=True)
        if len(amounts) < MINIMUM:
            return True
        rest = sum(amounts) - amounts[0]
        if self.is_share or sum(amounts) == 0:
            return False
        return amounts[0] > rest * (1 + 1e-9) or (
            rest - amounts[1] < PROTECTION * amounts[0] * (1 - 1e-9)
        )

    def is_found(self, row: np.ndarray, low: float, high: float, is_group: bool = False) -> bool:
        """Whether the interval is narrower than the protection. Of a group's sum by itself (not
        with two equations for each body) the upper end alone is enough: nothing is under zero, so
        an estimate starts above."""
        true = float(self.true @ row)
        slack = 1e-6 * max(1.0, abs(true))
        if row.min() < 0:
            return high - low < slack
        if self.is_share:
            return high - low < PROTECTION * float(self.size @ row) - slack
        is_near_above = high < (1 + PROTECTION) * true - slack
        is_near_below = low > (1 - PROTECTION) * true + slack
        return high - low < slack or (
            is_near_above and (is_near_below or (is_group and not self.is_both))
        )

    def remainders(self) -> Iterator[Find]:
        """Shown groups less the shown groups inside them: what is left must be safe as a group."""
        for i, edition in enumerate(self.editions):
            for period in self.periods:
                shown = {c.group_id for c in edition.published if c.period == period}
                rows = {g: self.row(i, g, period) for g in self.groups(i) if g in shown}
                for (whole, inside), kinds in itertools.product(rows.items(), KINDS):
                    left = inside.copy()
                    for kind in kinds:
                        for part, row in rows.items():
                            if f"/{kind}-" in part and part != whole and (row <= left).all():
                                left = left - row
                    if left.any() and self.is_sensitive(left, worth=False):
                        true = float(self.true @ left)
                        yield self._find(
                            "remainder", f"{whole} less {kinds}", period, true, true, true
                        )

    def subtractions(self) -> Iterator[Find]:
        """Sums that follow exactly: a target in the span of what is known."""
        yield from self.remainders()
        if not len(self.equal):
            return
        scaled = self.equal / np.abs(self.equal).max(axis=1)[:, None]
        _, sizes, directions = np.linalg.svd(scaled, full_matrices=False)
        space = directions[sizes > 1e-9]
        for what, period, row in self.targets():
            rest = row - space.T @ (space @ row)
            if np.abs(rest).max() < 1e-7 * np.abs(row).max():
                true = float(self.true @ row)
                yield self._find("subtraction", what, period, true, true, true)

    def programmes(self) -> Iterator[Find]:
        """Sums that linear programming bounds too narrowly."""
        for what, period, row in self.targets():
            low, high = self.bounds(row)
            if self.is_found(row, low, high, is_group=what.endswith((" sum", " mean"))):
                yield self._find("programme", what, period, low, high, float(self.true @ row))

    def _find(self, how, what, period, low, high, true) -> Find:
        return Find(how, what, self.platform, self.metric_id, self.measure, period, low, high, true)


def counted(known: list[Figure]) -> list[Figure]:
    """Without a stock's quarter of bodies that its last month has not: groups do not count them."""
    seen = {f.organisation_id for f in known if f.period == ("month", MONTHS[-1])}
    return [
        f for f in known
        if f.metric_id not in STOCKS or f.period[0] == "month" or f.organisation_id in seen
    ]  # fmt: skip


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
                yield Attack(chosen, measure)


#: what is taken from a whole, in this order
KINDS = (("region",), ("province",), ("region", "province"), ("size",))
MEASURES = {"M05": ("both", "value", "numerator"), "M22": ("value",), "M29": ("value",)}


def subtractions(editions: list[Edition]) -> list[Find]:
    return [find for attack in attacks(editions) for find in attack.subtractions()]


def programmes(editions: list[Edition], most: int = 10_000) -> list[Find]:
    """most: attacks with more unknowns than that are left out, for they take minutes."""
    return [
        find
        for attack in attacks(editions)
        if len(attack.keys) <= most
        for find in attack.programmes()
    ]
