"""Which metrics each platform offers, since when and until when; and what to do when one says no.

The list is a seed of the warehouse, `dbt_project/seeds/platform_metrics.csv`: Python asks by it,
dbt names by it. A metric that a platform withdraws stays there, with its last day and what replaces
it, because older figures and export files still carry its name.
What happens when a platform refuses one of them all the same: klankbord.platforms.refusals.
"""

import csv
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from klankbord.errors import KlankbordError
from klankbord.settings import PROJECT_ROOT

SEED = PROJECT_ROOT / "dbt_project" / "seeds" / "platform_metrics.csv"
LEVELS = frozenset({"account", "post"})
#: What a figure counts. Nothing ever sums over two of these.
BASES = frozenset(
    {
        "unique_viewers",
        "views",
        "impressions",
        "clicks",
        "followers",
        "interactions",
        "watch_time",
    }
)
TIERS = ("T0", "T1", "T2", "T3")
#: between an object metric and one of its members: post_clicks_by_type/link clicks
MEMBER = "/"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class MetricRegistryError(KlankbordError):
    """The registry of metrics contradicts itself; names every faulty line."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of a platform while it is valid: valid_from <= day < valid_to, None is open.

    `period`: what one value covers, in the platform's words (day, lifetime, days_28).
    `day_zone`: the IANA zone whose midnight ends the platform's day; None where it has no days.
    `object_kinds`: the kinds of post that have it; empty: all. `canonical_name`: our name for it,
    one for each thing that may be compared; None of an object whose members have names of their
    own. `tier`: the least access that gives it.
    """

    platform: str
    metric_name: str
    level: str
    period: str
    day_zone: str | None
    object_kinds: frozenset[str]
    metric_basis: str
    canonical_name: str | None
    tier: str
    valid_from: date | None
    valid_to: date | None
    replaced_by: str | None
    source: str
    line: int = 0

    def is_valid(self, on: date) -> bool:
        """Whether the platform has it on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on < self.valid_to
        )

    def overlaps(self, other: "Metric") -> bool:
        """Whether both are valid on some day."""
        starts = [m.valid_from for m in (self, other) if m.valid_from]
        ends = [m.valid_to for m in (self, other) if m.valid_to]
        return not starts or not ends or max(starts) < min(ends)

    def share_a_kind(self, other: "Metric") -> bool:
        """Whether some kind of post has both."""
        everywhere = not self.object_kinds or not other.object_kinds
        return everywhere or bool(self.object_kinds & other.object_kinds)


COLUMNS = tuple(f.name for f in fields(Metric) if f.name != "line")


def read(path: Path = SEED) -> tuple[Metric, ...]:
    """The registry in the order of its lines; MetricRegistryError with every fault at once."""
    found, faults = [], []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            if tuple(next(rows, ())) != COLUMNS:
                raise MetricRegistryError(
                    f"{path.name}, line 1: the columns must be {','.join(COLUMNS)}."
                )
            for row in rows:
                try:
                    found.append(_metric(row, rows.line_num))
                except ValueError as error:
                    faults.append(f"line {rows.line_num}: {error}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MetricRegistryError(f"{path.name} cannot be read: {error}.") from error
    faults += check(found)
    if faults:
        raise MetricRegistryError(f"{path.name}: {'; '.join(faults)}.")
    return tuple(found)


def _metric(row: Sequence[str], line: int) -> Metric:
    if len(row) != len(COLUMNS):
        raise ValueError(f"{len(row)} cells instead of {len(COLUMNS)}")
    cell = dict(zip(COLUMNS, row, strict=True))
    for name in ("platform", "metric_name", "period", "source"):
        if not cell[name].strip():
            raise ValueError(f"{name} is empty")
    for name, known in (("level", LEVELS), ("metric_basis", BASES), ("tier", TIERS)):
        if cell[name] not in known:
            raise ValueError(f"{name} is {cell[name]!r}: give one of {', '.join(sorted(known))}")
    if cell["canonical_name"] and not _NAME.fullmatch(cell["canonical_name"]):
        raise ValueError(f"canonical_name {cell['canonical_name']!r} is no snake_case name")
    if (cell["period"] == "day") != bool(cell["day_zone"]):
        raise ValueError("day_zone belongs to the period day, and only to it")
    try:
        ZoneInfo(cell["day_zone"] or "UTC")
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"day_zone {cell['day_zone']!r} is no time zone") from error
    return Metric(
        platform=cell["platform"],
        metric_name=cell["metric_name"],
        level=cell["level"],
        period=cell["period"],
        day_zone=cell["day_zone"] or None,
        object_kinds=frozenset(cell["object_kinds"].split()),
        metric_basis=cell["metric_basis"],
        canonical_name=cell["canonical_name"] or None,
        tier=cell["tier"],
        valid_from=_day(cell["valid_from"]),
        valid_to=_day(cell["valid_to"]),
        replaced_by=cell["replaced_by"] or None,
        source=cell["source"],
        line=line,
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def check(metrics: Collection[Metric]) -> list[str]:
    """What is wrong between the lines: one name, or one canonical name, twice at the same time;
    a canonical name with two bases; a period that ends before it begins; a replacement unknown."""
    faults = []
    names = {(m.platform, m.metric_name) for m in metrics}
    for one in metrics:
        where = f"line {one.line}: {one.platform} {one.metric_name}"
        if one.valid_from and one.valid_to and one.valid_to <= one.valid_from:
            faults.append(f"{where} ends on {one.valid_to} and begins on {one.valid_from}")
        if one.replaced_by and (one.platform, one.replaced_by) not in names:
            faults.append(f"{where} is replaced by {one.replaced_by}, which has no line")
        if one.replaced_by and not one.valid_to:
            faults.append(f"{where} is replaced and has no valid_to")
        if one.canonical_name is None and not _members(one, metrics):
            faults.append(f"{where} has no canonical_name and no members")
    for one, other in combinations(metrics, 2):
        is_one_name = one.metric_name == other.metric_name
        is_one_thing = one.canonical_name == other.canonical_name is not None
        where = f"lines {one.line} and {other.line}"
        if is_one_thing and one.metric_basis != other.metric_basis:
            faults.append(
                f"{where}: {one.canonical_name} has two bases, {one.metric_basis} and"
                f" {other.metric_basis}"
            )
        same = (one.platform, one.level, one.period) == (other.platform, other.level, other.period)
        is_twice = is_one_name or (is_one_thing and one.share_a_kind(other))
        if same and is_twice and one.overlaps(other):
            faults.append(
                f"{where}: {one.platform} {one.metric_name} and {other.metric_name} are the same"
                f" {one.level} figure at the same time"
            )
    return faults


def _members(one: Metric, metrics: Iterable[Metric]) -> list[Metric]:
    return [
        m
        for m in metrics
        if m.platform == one.platform and m.metric_name.startswith(one.metric_name + MEMBER)
    ]


@cache
def registry() -> tuple[Metric, ...]:
    """The project's registry, read once."""
    return read()


def offered(
    platform: str,
    level: str,
    on: date,
    *,
    tier: str = "T3",
    kind: str | None = None,
    period: str | None = None,
    metrics: Collection[Metric] | None = None,
) -> list[str]:
    """The names that a platform can be asked for on a day, in the registry's order.

    tier: what of the account may be read. kind: of what kind of post (None: those that every kind
    has). period: only those with it. Members of an object metric come with the object and are left
    out.
    """
    if level not in LEVELS:
        raise MetricRegistryError(f"No level is called {level!r}: account or post.")
    return [
        m.metric_name
        for m in (registry() if metrics is None else metrics)
        if (m.platform, m.level) == (platform, level)
        and m.is_valid(on)
        and m.tier <= tier
        and (not m.object_kinds or kind in m.object_kinds)
        and period in (None, m.period)
        and MEMBER not in m.metric_name
    ]
