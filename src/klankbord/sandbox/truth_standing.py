"""Where a body stands among its peers (M41, M42, M43, M45) and whether it can be told from them, in
plain Python by the definitions of docs/design.md ("Statistics"). Nothing here is shared with dbt.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

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


def percentile(own: float, values: Sequence[float], direction: str) -> Fraction:
    """The share of `values` (own among them) behind `own`, ties by half, in %; figures that differ
    after the ninth decimal only are equal."""
    own, values = round(own, 9), [round(v, 9) for v in values]
    behind = sum(v > own if direction == "lower" else v < own for v in values)
    return Fraction(100) * (behind + Fraction(values.count(own), 2)) / len(values)


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


def standing(
    own: Member,
    members: Sequence[Member] | None,
    metric: Metric,
    *,
    is_hidden: bool = False,
) -> Standing:
    """A body among the members of its size class (itself among them); None: it has no class."""
    if own.value is None:
        return Standing(comparison_reason="no_figure")
    if members is None:
        return Standing(comparison_reason="no_group")
    known = [m for m in members if m.value is not None]
    if own not in known:
        return Standing(comparison_reason="not_in_group")
    group = told(of_group(members, metric), metric, is_hidden=is_hidden)
    if group["value"] is None:
        return Standing(comparison_reason="suppressed")
    place = percentile(own.value, [m.value for m in known], metric.direction)
    found = {"percentile": float(place), "colour_class": colour(place)}
    if group["q1"] is not None and group["q3"] > group["q1"]:
        width = group["q3"] - group["q1"]
        found["distance_to_median"] = (own.value - group["median"]) / width
    return Standing(**found, **_compared(own, known, group, metric))


def _compared(own: Member, known: list[Member], group: Mapping, metric: Metric) -> dict:
    by, said = basis(metric), {}
    if by == "funnel" and len(known) >= QUARTILES and group["pooled"] is not None:
        phi = overdispersion(known, group["pooled"])
        low, high = limits(group["pooled"], phi, own.denominator)
        said = {"funnel_lower": low, "funnel_upper": high, "overdispersion": phi}
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
