"""The truth of visits from social networks (M39, M39g), from the days on which they were counted.

The sandbox invents no visits: whoever has counted some gives them here, a body at a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

#: so much of a period must have been measured
LEAST = 0.9
ALL = "all"
Days = Mapping[date, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Visits:
    """A figure of a body's website. `network`: whence, or `all`; value None: there is none."""

    metric_id: str
    network: str
    period_kind: str
    period_start: date
    value: float | None
    n_cases: int | None
    coverage: float
    missing_reason: str | None


def figures(days: Days, first: date, latest: date, *, refused: bool = False) -> Iterator[Visits]:
    """Every figure of a body from its first day to the latest of all bodies. days: measured day ->
    network -> visits, a network without an entry had none. refused: its last answer was a no."""
    networks = sorted({ALL} | {name for day in days.values() for name in day})
    for kind, months in (("month", 1), ("quarter", 3)):
        start = date(first.year, (first.month - 1) // months * months + 1, 1)
        while start <= latest:
            end = _after(start, months)
            span = [start + timedelta(n) for n in range((min(end, _next(latest)) - start).days)]
            for network in networks:
                yield from _of(days, network, kind, start, span, refused=refused)
            start = end


def _of(
    days: Days, network: str, kind: str, start: date, span: list[date], *, refused: bool
) -> Iterator[Visits]:
    seen = [day for day in span if day in days]
    both = [day for day in seen if _year_before(day) in days]
    none = "refused" if refused and not seen else "not_observed"
    visits = sum(_count(days[day], network) for day in seen)
    share = len(seen) / len(span)
    if share >= LEAST:
        yield Visits("M39", network, kind, start, visits, visits, share, None)
    else:
        yield Visits("M39", network, kind, start, None, None, share, none)
    share = len(both) / len(span)
    before = sum(_count(days[_year_before(day)], network) for day in both)
    if share < LEAST:
        yield Visits("M39g", network, kind, start, None, None, share, none)
    elif not before:
        yield Visits("M39g", network, kind, start, None, visits, share, "not_applicable")
    else:
        now = sum(_count(days[day], network) for day in both)
        change = 100 * (now - before) / before
        yield Visits("M39g", network, kind, start, change, visits, share, None)


def _count(day: Mapping[str, int], network: str) -> int:
    return sum(day.values()) if network == ALL else day.get(network, 0)


def _year_before(day: date) -> date | None:
    """The same day of the year before; the last of a leap February has none."""
    return None if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def _after(start: date, months: int) -> date:
    month = start.month - 1 + months
    return date(start.year + month // 12, month % 12 + 1, 1)


def _next(day: date) -> date:
    return day + timedelta(days=1)
