"""How much less a group's questions tell than independent ones would, from its bodies."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

from scipy import stats

Z = 1.959963984540054


def told(effect: float) -> float:
    """Rounded up to a power of the square root of two; 1 at least."""
    return 2 ** (math.ceil(2 * math.log2(max(1.0, effect)) - 1e-9) / 2)


def few_bodies(bodies: int) -> float:
    """How many times wider Student makes an interval than Gauss."""
    return float(stats.t.ppf(0.975, max(2, bodies - 1))) / Z


def of_share(bodies: Iterable[tuple[int, int]]) -> float | None:
    """The design effect of the share that bodies of (part, whole) have together."""
    bodies = list(bodies)
    part, whole = (sum(column) for column in zip(*bodies, strict=True))
    p, n = part / whole, len(bodies)
    if not 0 < p < 1 or n < 2:
        return None
    between = n / (n - 1) * sum((x - p * m) ** 2 for x, m in bodies) / whole**2
    return between / (p * (1 - p) / whole)


def of_curve(bodies: Mapping[str, list[tuple[float, bool]]]) -> float | None:
    """The overdispersion of answers around what the common curve expects of each body, whose
    questions are (hours followed, was it answered then)."""
    hours = sorted({t for sample in bodies.values() for t, _ in sample})
    everything = [case for sample in bodies.values() for case in sample]
    hazard, variance = 0.0, 0.0
    upto = {}
    for hour in hours:
        left = sum(t >= hour for t, _ in everything)
        ends = sum(t == hour and is_end for t, is_end in everything)
        hazard += ends / left
        variance += ends * (1 - ends / left)
        upto[hour] = hazard
    if variance < 1e-12:
        return None
    surplus = defaultdict(float)
    for body, sample in bodies.items():
        for hour, is_end in sample:
            surplus[body] += is_end - upto[hour]
    n = len(bodies)
    return n / (n - 1) * sum(s * s for s in surplus.values()) / variance


def wilson(share: float, n: float) -> tuple[float, float]:
    """Of a share of n cases, which need not be whole."""
    middle = share + Z * Z / (2 * n)
    half = Z * math.sqrt((share * (1 - share) + Z * Z / (4 * n)) / n)
    below = 1 + Z * Z / n
    return max(0.0, (middle - half) / below), min(1.0, (middle + half) / below)
