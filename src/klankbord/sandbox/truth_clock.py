"""The clock of opening hours in plain Python: the truth for the warehouse's clock.

Day by day and opening by opening, in local time. Holidays are computed from Easter and the law, the
default hours are written here once more: nothing is read from the pipeline's files.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from klankbord.register.rows import OpeningHours, Organisation
from klankbord.settings import LOCAL_ZONE

#: Monday to Friday, 9:00 to 17:00, whoever it is.
DEFAULT_HOURS = {weekday: ((540, 1020),) for weekday in "12345"}
_LOCAL_AUTHORITIES = frozenset({"municipality", "ocmw", "province"})
_COMMUNITY_DAYS = {"02000": (7, 11), "03000": (9, 27), "german": (11, 15)}
#: by NIS code: the municipalities of the German-speaking Community, from Amel to Kelmis
_GERMAN = frozenset(
    ("63001", "63012", "63013", "63023", "63040", "63048", "63061", "63067", "63087")
)


@dataclass(frozen=True)
class Clock:
    """The opening hours of one body: its own rows, or none."""

    body: Organisation
    own: Sequence[OpeningHours] = ()
    default: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=lambda: DEFAULT_HOURS)

    def hours(self, since: datetime, until: datetime) -> float:
        """Hours for which the body was open between two moments."""
        total, day = timedelta(0), since.astimezone(LOCAL_ZONE).date()
        while day <= until.astimezone(LOCAL_ZONE).date():
            for opens, closes in self._openings(day):
                start, end = max(moment(day, opens), since), min(moment(day, closes), until)
                total += max(end - start, timedelta(0))
            day += timedelta(days=1)
        return total.total_seconds() / 3600

    def _openings(self, day: date) -> Iterator[tuple[int, int]]:
        weekday = "holiday" if is_holiday(self.body, day) else str(day.isoweekday())
        own = [
            row
            for row in self.own
            if (row.valid_from or date.min) <= day < (row.valid_to or date.max)
        ]
        if not own:
            yield from self.default.get(weekday, ())
        for row in own:
            if row.weekday == weekday:
                yield _minutes(row.opens_at), _minutes(row.closes_at)


def is_holiday(body: Organisation, day: date) -> bool:
    """A public holiday of its country, or its community's day where it closes on that."""
    if day in holidays(body.country, day.year):
        return True
    is_local = body.country == "BE" and body.organisation_type in _LOCAL_AUTHORITIES
    is_german = body.organisation_type == "municipality" and body.official_code in _GERMAN
    community = "german" if is_german else body.region_code or ""
    return is_local and _COMMUNITY_DAYS.get(community) == (day.month, day.day)


@cache
def holidays(country: str, year: int) -> frozenset[date]:
    """Public holidays of a year."""
    easter = _easter(year)
    days = {easter + timedelta(days=n) for n in (0, 1, 39, 49, 50)}
    days |= {date(year, 1, 1), date(year, 12, 25)}
    if country == "BE":
        fixed = ((5, 1), (7, 21), (8, 15), (11, 1), (11, 11))
        return frozenset(days | {date(year, *day) for day in fixed})
    days |= {easter - timedelta(days=2), date(year, 12, 26)}
    royal = date(year, 4, 27 if year >= 2014 else 30)
    if royal.isoweekday() == 7:  # the day before; the queen's was also moved back, since 1980
        royal -= timedelta(days=1)
    days.add(royal)
    if year % 5 == 0:  # a day off every five years
        days.add(date(year, 5, 5))
    return frozenset(days)


def moment(day: date, minute: int) -> datetime:
    """The moment of a local time: of one that exists twice the second, of one that does not exist
    the change of the clock."""
    naive = datetime.combine(day, time(0)) + timedelta(minutes=minute)
    found = naive.replace(tzinfo=LOCAL_ZONE, fold=1).astimezone(UTC)
    if found.astimezone(LOCAL_ZONE).replace(tzinfo=None) == naive:
        return found
    before = naive.replace(tzinfo=LOCAL_ZONE, fold=1).utcoffset()
    low, high = found - timedelta(hours=3), found + timedelta(hours=3)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        is_summer = middle.astimezone(LOCAL_ZONE).utcoffset() == before
        low, high = (low, middle) if is_summer else (middle, high)
    return high.replace(microsecond=0)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


def _easter(year: int) -> date:
    """Gauss's Easter, in the form of the anonymous computus of 1876."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
