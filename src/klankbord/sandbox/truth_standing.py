"""Where a body stands among its peers (M41, M42, M43, M45) and whether it can be told from them, in
plain Python by the definitions of docs/design.md ("Statistics"). Nothing here is shared with dbt.
"""

import math
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from klankbord.sandbox.truth_statistics import (
    QUARTILES,
    Member,
    Metric,
    Z,
    of_group,
    quantile,
    told,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A body among its peers; fields as the columns of rpt_organisation_metric."""

    percentile: float | None = None
    distance_to_median: float | None = None
    colour_class: str = "grey"
    funnel_lower: float | None = None
    funnel_upper: float | None = None
    overdispersion: float | None = None
    comparison: str | None = None
    comparison_basis: str | None = None
    comparison_reason: str | None = None


class Peers:
    """The members of a body's size class (itself among them) and what is seen of them: made once
    for all of them, who may be a thousand."""

    def __init__(
        self,
        members: Sequence[Member],
        metric: Metric,
        *,
        is_hidden: bool = False,
        coincident: frozenset[str] = frozenset(),
    ) -> None:
        self.known = [m for m in members if m.value is not None]
        self.names = frozenset(m.name for m in self.known)
        found = of_group(members, metric)
        self.told = told(found, metric, is_hidden=is_hidden, coincident=coincident)

    @cached_property
    def ordered(self) -> list[float]:
        """Their figures; those that differ after the ninth decimal only are equal."""
        return sorted(round(m.value, 9) for m in self.known)

    @cached_property
    def overdispersion(self) -> float | None:
        """Around what they are together."""
        return overdispersion(self.known, self.told["pooled"])


def percentile(own: float, ordered: Sequence[float], direction: str) -> Fraction:
    """The share of `ordered` (own among them) behind `own`, ties by half, in %."""
    before, upto = (find(ordered, round(own, 9)) for find in (bisect_left, bisect_right))
    behind = len(ordered) - upto if direction == "lower" else before
    return Fraction(100) * (behind + Fraction(upto - before, 2)) / len(ordered)


def colour(place: Fraction) -> str:
    """The third in which a percentile lies; on a border the lower one."""
    return ("low", "middle", "high")[max(0, math.ceil(3 * place / 100) - 1)]


def overdispersion(members: Sequence[Member], target: float) -> float | None:
    """Mean square of the distances from the target in standard errors, winsorised at a tenth."""
    if not 0 < target < 1:
        return None
    far = sorted(
        (m.value - target) / math.sqrt(target * (1 - target) / m.denominator)
        for m in members
        if m.value is not None
    )
    low, high = quantile(far, Fraction(1, 10)), quantile(far, Fraction(9, 10))
    return statistics.fmean(min(max(z, low), high) ** 2 for z in far)


def limits(target: float, phi: float | None, cases: float) -> tuple[float, float]:
    """Between which a share of so many cases lies by chance, and half a case."""
    spread = Z * math.sqrt(max(1.0, phi or 0.0)) * math.sqrt(target * (1 - target) / cases)
    return max(0.0, target - spread - 0.5 / cases), min(1.0, target + spread + 0.5 / cases)


def basis(metric: Metric) -> str | None:
    """By what a figure is compared; None: it is not."""
    if metric.headline == "mean":
        return None
    if metric.unit == "share":
        return "funnel"
    if metric.interval in ("order_statistic", "survival"):
        return "interval"
    return None if metric.unit == "hours" else "middle_half"


def standing(own: Member, peers: Peers | None, metric: Metric) -> Standing:
    """A body among its peers; None: it has no size class."""
    if own.value is None:
        return Standing(comparison_reason="no_figure")
    if peers is None:
        return Standing(comparison_reason="no_group")
    if own.name not in peers.names:
        return Standing(comparison_reason="not_in_group")
    group = peers.told
    if group["value"] is None:
        return Standing(comparison_reason="suppressed")
    place = percentile(own.value, peers.ordered, metric.direction)
    found = {"percentile": float(place), "colour_class": colour(place)}
    if group["q1"] is not None and group["q3"] > group["q1"]:
        width = group["q3"] - group["q1"]
        found["distance_to_median"] = (own.value - group["median"]) / width
    return Standing(**found, **_compared(own, peers, metric))


def _compared(own: Member, peers: Peers, metric: Metric) -> dict:
    by, said, group = basis(metric), {}, peers.told
    if by == "funnel" and len(peers.known) >= QUARTILES and group["pooled"] is not None:
        low, high = limits(group["pooled"], peers.overdispersion, own.denominator)
        said = {"funnel_lower": low, "funnel_upper": high, "overdispersion": peers.overdispersion}
        span, mine = (low, high), (own.value, own.value)
    elif by == "interval":
        span, mine = (group["lower"], group["upper"]), (own.lower, own.upper)
    else:
        span, mine = (group["q1"], group["q3"]), (own.value, own.value)
        if by == "funnel":
            span = (None, None)
    if by is None:
        reason = "yes_or_no" if metric.headline == "mean" else "no_interval"
        return said | {"comparison_reason": reason}
    if span[0] is None:
        return said | {"comparison_reason": "few_peers"}
    if mine == (None, None):
        return said | {"comparison_reason": "few_cases"}
    verdict = "not_distinguishable"
    if mine[1] is not None and mine[1] < span[0]:
        verdict = "lower"
    elif mine[0] is not None and mine[0] > span[1]:
        verdict = "higher"
    return said | {"comparison": verdict, "comparison_basis": by}
