"""What published cells say of the sums that they are made of, as equations and inequalities."""

import math
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from tests.suppression.editions import Cell, Edition, counted
from tests.suppression.worlds import FLOWS, QUARTER, SHARES, STOCKS, Figure, Period


class Equations:
    """Of one type, platform and metric, over editions. The unknowns are what bodies add to a sum;
    bodies that no equation tells apart are one unknown, and so is what did not change in between.
    For each unknown, in one order: `keys` (who, period, editions), `atoms` (the figures in it),
    `size` (how many), `true` (their sum), `worth`, `most` and `place` (edition -> groups). Of rows
    over them: `equal` @ unknowns = `known`, `below` @ unknowns <= `limits`.

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
        self.true = np.array([sum(map(self.amount, atom)) for atom in self.atoms])
        #: how much of the sum of values one of the unknown is
        self.worth = np.array(
            [self.scale / atom[0].denominator if self.is_both else 1.0 for atom in self.atoms]
        )
        # no share is over 1
        self.most = self.size if self.is_share else np.full(len(atoms), math.inf)
        self.place = [places[atom[0].organisation_id] for atom in self.atoms]

    def amount(self, figure: Figure) -> float:
        """What a figure adds to a sum."""
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
        """The groups that have an unknown in an edition."""
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
