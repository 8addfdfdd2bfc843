"""Statistics of peer groups over the truth of their members."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from klankbord.register import Organisation, Register, is_valid
from klankbord.sandbox.truth import Truth
from klankbord.sandbox.truth_figures import Figure

MINIMUM_GROUP_SIZE = 5
REGIONS = frozenset({"02000", "03000", "04000"})
#: country -> (name, most inhabitants) of each size class, smallest first.
SIZE_CLASSES: dict[str, tuple[tuple[str, float], ...]] = {
    "BE": (("under_20k", 19_999), ("20k_50k", 50_000), ("over_50k", float("inf"))),
    "NL": (("under_50k", 49_999), ("50k_100k", 100_000), ("over_100k", float("inf"))),
}
MEANS = frozenset({"M01", "M02", "M22", "M06b"})
#: what a ratio is multiplied by, where that is not 1
SCALES = dict.fromkeys(("M05", "M08", "M13", "M38", "M38a", "M38v"), 100) | dict.fromkeys(
    ("M14", "M14i", "M25", "M25f", "M15", "M16", "M17", "M19", "M20"), 1000
)
AUDIENCE = ("M06a", "M06b", "M06c")
#: of these a quarter is its last month: who has no figure then is not in the group's quarter
STOCKS = frozenset({"M01", "M02", "M05"})


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """A figure of a group: n members with a value of n_members. Under 5 all statistics are None.
    pooled: sum of numerators / sum of denominators (x 100 for M06), None without numerators."""

    group_id: str
    platform: str
    metric_id: str
    period_start: date
    value: float | None
    n: int
    n_members: int
    mean: float | None
    median: float | None
    q1: float | None
    q3: float | None
    pooled: float | None
    period_kind: str = "month"


def quantile(values: list[float], share: float) -> float:
    """The quantile of sorted values, linear between the two nearest (as SQL's percentile_cont)."""
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])


def groups_of(body: Organisation, inhabitants: int | None) -> Iterator[str]:
    """The ids of the peer groups of a body that has so many inhabitants."""
    base = f"{body.country.lower()}-{body.organisation_type}"
    yield base
    if body.region_code in REGIONS:
        yield f"{base}/region-{body.region_code}"
    if body.province_code:
        yield f"{base}/province-{body.province_code}"
    if inhabitants is not None:
        names = (name for name, most in SIZE_CLASSES[body.country] if inhabitants <= most)
        yield f"{base}/size-{next(names)}"


def members(register: Register, on: date) -> dict[str, set[str]]:
    """group_id -> its organisations on a day."""
    found: dict[str, set[str]] = defaultdict(set)
    for body in register.organisations:
        if is_valid(body, on):
            inhabitants = register.inhabitants(body.organisation_id, on)
            for group_id in groups_of(body, inhabitants):
                found[group_id].add(body.organisation_id)
    return found


def group_figures(truth: Truth, figures: Iterable[Figure]) -> Iterator[GroupFigure]:
    """Every group's statistics of `figures`, which are all of `truth.figures()`."""
    by_metric: dict[tuple[str, str, str, date], dict[str, Figure]] = defaultdict(dict)
    for f in figures:
        by_metric[f.platform, f.metric_id, f.period_kind, f.period_start][f.organisation_id] = f
    at: dict[date, dict[str, set[str]]] = {}
    for platform in sorted({platform for platform, *_ in by_metric}):
        for kind, first, last in truth.periods(platform):
            if last not in at:
                at[last] = members(truth.register, last)
            for (where, metric_id, *period), found in by_metric.items():
                if (where, *period) == (platform, kind, first):
                    if kind == "quarter" and metric_id in STOCKS:
                        month = by_metric.get((where, metric_id, "month", last.replace(day=1)), {})
                        known = {name for name, f in month.items() if f.value is not None}
                        found = {name: f for name, f in found.items() if name in known}
                    for group_id, ids in at[last].items():
                        yield from _of_group(group_id, ids, found, platform, metric_id, kind, first)


def _of_group(
    group_id: str,
    ids: set[str],
    figures: dict[str, Figure],
    platform: str,
    metric_id: str,
    period_kind: str,
    period_start: date,
) -> Iterator[GroupFigure]:
    known = [f for name, f in figures.items() if name in ids and f.value is not None]
    values = sorted(f.value for f in known)
    is_shown = len(values) >= MINIMUM_GROUP_SIZE
    mean = median = q1 = q3 = pooled = None
    if is_shown:
        mean = statistics.fmean(values)
        q1, median, q3 = (quantile(values, share) for share in (0.25, 0.5, 0.75))
        pairs = [(f.numerator, f.denominator) for f in known if f.numerator is not None]
        scale = SCALES.get(metric_id, 1)
        bottom = sum(pair[1] for pair in pairs)
        pooled = scale * sum(pair[0] for pair in pairs) / bottom if bottom else None
    for name in (metric_id, *AUDIENCE) if metric_id == "M05" else (metric_id,):
        headline = pooled if name == "M06a" else mean if name in MEANS else median
        yield GroupFigure(
            group_id, platform, name, period_start, headline, len(values), len(ids),
            mean, median, q1, q3, pooled, period_kind,
        )  # fmt: skip
