"""A moment from whatever a feed calls a date.

RFC 822 and ISO 8601 as they are written in the wild: month names in four languages, zones by name,
by number or not at all, days only. A date without a zone is local: the sites are Belgian and Dutch.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from klankbord.settings import LOCAL_ZONE

#: before the first feed: 1970-01-01 and 0001-01-01 are how software writes "no date"
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
_HOURS: Mapping[str, float] = {
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0),
    **dict.fromkeys(("cet", "met", "mez", "bst", "west"), 1),
    **dict.fromkeys(("cest", "mest", "mesz", "eet"), 2),
    **{"eest": 3, "msk": 3, "ast": -4, "edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6},
    **{"mst": -7, "pdt": -7, "pst": -8},
}
#: English, Dutch, French, German; as far as they must be read to be told apart
_MONTHS = (
    "jan",
    "feb|fév|fev",
    "mar|mrt|maa|mär|mrz",
    "apr|avr",
    "may|mei|mai",
    "jun|juin",
    "jul|juil",
    "aug|aoû|aou",
    "sep",
    "oct|okt",
    "nov",
    "dec|déc|dez",
)
_CLOCK = (
    r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[ap]m\b)?"
)
_ZONE = r"(?P<zone>(?:gmt|utc|ut)?\s*[+-]\s*\d{1,2}:?\d{0,2}|[a-z]{1,6}(?:/[a-z_]+)*)?"
_TAIL = rf"(?:[t,\s]\s*{_CLOCK}\s*{_ZONE})?\s*(?:\(.*\))?\s*"
_ISO = re.compile(rf"(?P<year>\d{{4}})-?(?P<month>\d{{2}})-?(?P<day>\d{{2}}){_TAIL}")
_WORDS = re.compile(
    rf"(?:[^\W\d]+\.?,?\s+)?(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)?\.?[\s-]\s*(?P<name>[^\W\d]+)\.?"
    rf"[\s,-]\s*(?P<year>\d{{4}}|\d{{2}}){_TAIL}"
)
_AMERICAN = re.compile(
    rf"(?:[^\W\d]+\.?,?\s+)?(?P<name>[^\W\d]+)\.?\s+(?P<day>\d{{1,2}}),\s*(?P<year>\d{{4}}){_TAIL}"
)
_NUMBERS = re.compile(rf"(?P<day>\d{{1,2}})[/.-](?P<month>\d{{1,2}})[/.-](?P<year>\d{{4}}){_TAIL}")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")


def moment(text: str | None) -> datetime | None:
    """The moment (aware, UTC) that a text names; None when it names none that can be believed.

    03/04/2026 is 3 April; a day without a clock is that day's local midnight.
    """
    plain = " ".join((text or "").lower().split())
    found = _epoch(plain) if _EPOCH.fullmatch(plain) else _calendar(plain)
    return found if found and found >= EARLIEST else None


def _epoch(digits: str) -> datetime:
    return datetime.fromtimestamp(int(digits[:10]), UTC)


def _calendar(text: str) -> datetime | None:
    for form in (_ISO, _WORDS, _AMERICAN, _NUMBERS):
        match = form.fullmatch(text)
        if match is None:
            continue
        parts = match.groupdict()
        month = _month(parts["name"]) if "name" in parts else int(parts["month"])
        year = int(parts["year"])
        if len(parts["year"]) == 2:
            year += 1900 if year >= 70 else 2000
        try:
            return _aware(datetime(year, month, int(parts["day"])), parts)  # noqa: DTZ001  (below)
        except (ValueError, OverflowError):
            return None
    return None


def _month(name: str) -> int:
    """1 to 12; 0, which is no month, for a word that names none."""
    for number, beginnings in enumerate(_MONTHS, 1):
        if re.match(beginnings, name):
            return number
    return 0


def _aware(day: datetime, parts: Mapping[str, str | None]) -> datetime:
    hour, minute = int(parts["hour"] or 0), int(parts["minute"] or 0)
    if parts["half"]:
        hour = hour % 12 + 12 * (parts["half"] == "pm")
    # 24:00 is the next day; a leap second is the second before it
    second = min(59, int(parts["second"] or 0))
    if minute > 59 or hour > 24:
        raise ValueError("no such time")
    local = day + timedelta(hours=hour, minutes=minute, seconds=second)
    return local.replace(tzinfo=_zone(parts["zone"])).astimezone(UTC)


def _zone(name: str | None) -> timezone | object:
    """A fixed offset; our own zone for what names none, or one that nobody knows."""
    name = re.sub(r"^(?:gmt|utc|ut)(?=\s*[+-])", "", name or "").replace(" ", "").replace(":", "")
    if name[:1] in ("+", "-"):
        digits = name[1:] if len(name) > 3 else f"{int(name[1:]):02d}00"
        offset = timedelta(hours=int(digits[:-2]), minutes=int(digits[-2:]))
        return timezone(-offset if name[0] == "-" else offset)
    return timezone(timedelta(hours=_HOURS[name])) if name in _HOURS else LOCAL_ZONE
