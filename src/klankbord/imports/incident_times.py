"""The local time of a log and, where it has one, its offset -> a moment.

Twice a year the clock is not enough: on the last Sunday of March the hour from 2 to 3 does not
exist, on that of October it exists twice. Such an hour is refused unless an offset decides it.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal

from klankbord.settings import LOCAL_ZONE

#: what the log's clock shows: the clock on the wall, UTC, or winter time all year
Clock = Literal["local", "utc", "winter"]
CLOCKS: tuple[Clock, ...] = ("local", "utc", "winter")
Order = Literal["dmy", "mdy"]
_OFFSETS = {"z": 0, "utc": 0, "gmt": 0, "cet": 60, "met": 60, "mez": 60, "cest": 120, "mest": 120}
_ISO = r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"
_SLASHED = r"(?P<a>\d{1,2})(?P<sign>[-/.])(?P<b>\d{1,2})(?P=sign)(?P<year>\d{4})"
_CLOCK = r"(?P<h>\d{1,2})[:.](?P<min>\d\d)([:.](?P<s>\d\d)([.,]\d{1,6})?)?"
_MOMENT = re.compile(
    rf"({_ISO}|{_SLASHED})[ T,]+{_CLOCK} ?(?P<offset>Z|[+-]\d\d:?\d\d|[A-Za-z]{{3,4}})?", re.ASCII
)


class TimeError(ValueError):
    """A time that is none, or not one moment; the text is the end of a sentence."""


def moment(
    cell: str | datetime | date, offset: str, *, clock: Clock, order: Order, now: datetime
) -> datetime:
    """The moment in UTC. `offset`: the cell of the offset's column, "" without one. `order`: how a
    date with slashes is read. Seconds are kept, fractions cut."""
    naive, inside = _naive(cell, order)
    if inside and offset and _minutes(inside) != _minutes(offset):
        raise TimeError("has two offsets that differ: keep one")
    said = inside or offset
    found = _with_offset(naive, _minutes(said)) if said else _without(naive, clock)
    if found > now:
        raise TimeError("lies in the future")
    return found


def _naive(cell: str | datetime | date, order: Order) -> tuple[datetime, str]:
    """(the clock's time, the offset that stands behind it)."""
    if isinstance(cell, datetime):
        return _bounded(cell.replace(microsecond=0, tzinfo=None)), ""
    if isinstance(cell, date):
        raise TimeError("has a day and no time: give hours and minutes")
    found = _MOMENT.fullmatch(cell.strip())
    if not found:
        raise TimeError("is no date with a time: write it as 2026-03-31 14:05")
    if found["y"]:
        parts = [int(found[name]) for name in ("y", "m", "d")]
    else:
        first, second = int(found["a"]), int(found["b"])
        day, month = (first, second) if order == "dmy" else (second, first)
        parts = [int(found["year"]), month, day]
    try:
        clock = [int(found["h"]), int(found["min"]), int(found["s"] or 0)]
        naive = datetime(*parts, *clock)  # noqa: DTZ001
    except ValueError as error:
        raise TimeError("is no time of the calendar") from error
    return _bounded(naive), found["offset"] or ""


def _bounded(naive: datetime) -> datetime:
    if not 2000 <= naive.year <= 2100:
        raise TimeError("lies in no year of this century: correct it")
    return naive


def _minutes(offset: str) -> int:
    """East of Greenwich: of +02:00, +0200, CEST."""
    word = offset.strip().casefold()
    if word in _OFFSETS:
        return _OFFSETS[word]
    found = re.fullmatch(r"([+-])(\d\d):?(\d\d)", word, re.ASCII)
    if not found:
        raise TimeError("has no offset that is known: write +01:00 or +02:00")
    return (1 if found[1] == "+" else -1) * (int(found[2]) * 60 + int(found[3]))


def _with_offset(naive: datetime, minutes: int) -> datetime:
    """UTC is always right; another offset must be the one that the clock had then."""
    aware = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    found = aware.astimezone(UTC)
    here = found.astimezone(LOCAL_ZONE).utcoffset()
    if minutes and here != timedelta(minutes=minutes):
        raise TimeError(
            f"has an offset of {minutes:+d} minutes, and the clock was at "
            f"{here.total_seconds() / 60:+.0f} then: correct it, or say `clock: winter`"
        )
    return found


def _without(naive: datetime, clock: Clock) -> datetime:
    if clock == "utc":
        return naive.replace(tzinfo=UTC)
    if clock == "winter":
        return naive.replace(tzinfo=timezone(timedelta(hours=1))).astimezone(UTC)
    first, second = (naive.replace(tzinfo=LOCAL_ZONE, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    # of an hour that was skipped the two readings come back as other clock times
    if first.astimezone(UTC).astimezone(LOCAL_ZONE).replace(tzinfo=None) != naive:
        raise TimeError("did not exist: the clock went from 2 to 3 that night; correct the time")
    raise TimeError(
        "was shown twice that night: add a column `offset` with +02:00 for the first, +01:00 for "
        "the second"
    )
