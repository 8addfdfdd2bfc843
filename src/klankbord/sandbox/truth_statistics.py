"""The statistics of a group, in plain Python by the definitions of docs/design.md ("Statistics").
Nothing here is shared with dbt. Of a body among its peers: truth_standing.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from statistics import NormalDist

Z = NormalDist().inv_cdf(0.975)
#: fewest members with a value for a group's figure, for quartiles, and beyond a told end
MINIMUM, QUARTILES, TAIL = 5, 10, 5
STATISTICS = (
    "mean", "weighted_mean", "median", "p10", "q1", "q3", "p90", "pooled", "lower", "upper",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """A body's figure in a group. lower, upper: its own interval, None where it has none."""

    name: str
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    inhabitants: int | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """What of a metric decides about its statistics. direction: higher | lower | none; headline:
    median | mean (a share of bodies) | pooled; interval: how its own is made."""

    headline: str = "median"
    direction: str = "higher"
    unit: str = "per 100"
    interval: str = "none"
    group_interval: str = "order_statistic"
    tier: str = "T0"
    is_change: bool = False
    scale: float = 1.0


@cache
def rank(n: int) -> int:
    """Which of n in order, from either end, bounds the median: the largest r for which fewer than r
    of n fall on one side of it in at most 1 of 40 draws; 0 is none. In whole numbers."""
    found, fewer, ways = 0, 0, 1
    for r in range(1, n + 1):
        fewer += ways  # draws with r - 1 on that side
        if 40 * fewer > 2**n:
            break
        found, ways = r, ways * (n - r + 1) // r
    return found


def median_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Halfway between the member that bounds the median and the next outwards, of sorted values;
    none without both."""
    place = rank(len(values))
    if place < 2:
        return None
    low, high = values[place - 2 : place], list(reversed(values))[place - 2 : place]
    return statistics.fmean(low), statistics.fmean(high)


def wilson(share: float, n: int) -> tuple[float, float]:
    """Centre and half width of the interval of a share of n."""
    centre = (share * n + Z * Z / 2) / (n + Z * Z)
    spread = Z / (n + Z * Z) * math.sqrt(n * share * (1 - share) + Z * Z / 4)
    return max(0.0, centre - spread), min(1.0, centre + spread)


def of_group(members: Sequence[Member], metric: Metric) -> dict[str, float | int | None]:
    """What the house knows of a group, suppressed or not."""
    known = [m for m in members if m.value is not None]
    values = sorted(m.value for m in known)
    found: dict[str, float | int | None] = {"n": len(values)} | dict.fromkeys(STATISTICS)
    if not values:
        return found
    found["mean"] = math.fsum(values) / len(values)
    if all(m.inhabitants is not None for m in known) and any(m.inhabitants for m in known):
        people = sum(m.inhabitants for m in known)
        found["weighted_mean"] = math.fsum(m.value * m.inhabitants / people for m in known)
    for name, tenth in (("p10", 1), ("q1", 2.5), ("median", 5), ("q3", 7.5), ("p90", 9)):
        found[name] = quantile(values, Fraction(tenth) / 10)
    tops = [m.numerator for m in known if m.numerator is not None]
    bottom = math.fsum(m.denominator for m in known if m.denominator is not None)
    if tops and bottom:
        found["pooled"] = metric.scale * math.fsum(tops) / bottom
    ends = None
    if metric.group_interval == "wilson":
        ends = wilson(found["mean"], len(values))
    elif metric.group_interval == "order_statistic":
        ends = median_interval(values)
    if ends:
        found["lower"], found["upper"] = ends
    return found


def quantile(values: Sequence[float], share: Fraction) -> float:
    """Of sorted values, linear between the two nearest."""
    place = share * (len(values) - 1)
    below = math.floor(place)
    rest = float(place - below)
    return values[below] + (rest * (values[below + 1] - values[below]) if rest else 0.0)


def told(
    found: Mapping,
    metric: Metric,
    *,
    is_hidden: bool = False,
    coincident: frozenset[str] = frozenset(),
) -> dict:
    """What of that may be seen; `value` is the headline. coincident: the statistics that would name
    members (truth_coincidence)."""
    n = found["n"]
    is_shown = not is_hidden and n >= MINIMUM
    head = metric.headline if metric.headline in ("mean", "pooled") else "median"
    is_bounded = n >= MINIMUM
    if metric.group_interval == "order_statistic":
        is_bounded = rank(n) - 1 >= TAIL
    # of waits that are only known to be longer than the window there is no sum
    is_additive = not metric.is_change and metric.interval != "survival"
    may = {
        "mean": is_shown and is_additive,
        "pooled": is_shown and not metric.is_change,
        "weighted_mean": is_shown and is_additive and metric.tier != "T3",
        "median": is_shown,
        "q1": is_shown and n >= QUARTILES,
        "q3": is_shown and n >= QUARTILES,
        # so many lie at or under a tenth of the way through n
        "p10": is_shown and (n - 1) // 10 + 1 >= TAIL,
        "p90": is_shown and (n - 1) // 10 + 1 >= TAIL,
        "lower": is_shown and is_bounded,
        "upper": is_shown and is_bounded,
    }
    ok = {name for name, is_told in may.items() if is_told} - coincident
    seen = {name: found[name] if name in ok else None for name in may}
    is_headed = is_shown and (head != "median" or "median" in ok)
    return seen | {"n": None if is_hidden else n, "value": found[head] if is_headed else None}
