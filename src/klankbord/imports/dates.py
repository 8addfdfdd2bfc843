"""Dates as the platforms write them, in Dutch, French and English; 03/04/2026 by its column.

A column of dates with slashes is read day first or month first as a whole: a value above twelve
decides, then a future date, then whether daily figures follow each other, then the format's habit.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from klankbord.settings import LOCAL_ZONE

Order = Literal["dmy", "mdy"]
ORDERS: dict[Order, str] = {"dmy": "day/month", "mdy": "month/day"}
_OTHER: dict[Order, Order] = {"dmy": "mdy", "mdy": "dmy"}

_MONTHS = (
    "jan january januari janvier janv",
    "feb february februari fevrier fevr fev",
    "mar march maart mrt mars",
    "apr april avril avr",
    "may mei mai",
    "jun june juni juin",
    "jul july juli juillet juil",
    "aug august augustus aout",
    "sep sept september septembre",
    "oct october okt oktober octobre",
    "nov november novembre",
    "dec december decembre",
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}

_TIME = r"(?:[ T,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\.?)?)?"
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})" + _TIME + r"\s*(Z|[+-]\d{2}:?\d{2})?", re.I | re.A)
_SLASHED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})" + _TIME, re.I | re.A)
_WORDS = re.compile(
    r"(?:[^\W\d]+\.?,?\s+)?(?:(\d{1,2})(?:er|st|nd|rd|th)?\.?\s+([^\W\d]+)\.?|([^\W\d]+)\.?\s+"
    r"(\d{1,2})),?\s+(\d{4})" + _TIME,
    re.I,
)


class DateError(ValueError):
    """A cell that is no date; the text is the end of a sentence."""


class UndecidedError(DateError):
    """A date that needs an order, and the column has none."""


@dataclass(frozen=True, slots=True)
class Decided:
    """order: None where no cell needs one. reason: for the preview. contradiction: positions of
    two cells that no order fits."""

    order: Order | None
    reason: str = ""
    contradiction: tuple[int, int] | None = None


def parse(cell: str | date, order: Order | None) -> date:
    """The day in a cell: a moment with an offset is the day in Brussels; DateError otherwise."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = cell.strip()
    if found := _ISO.fullmatch(text):
        if found[4]:
            return _moment(text, found)
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _SLASHED.fullmatch(text):
        first, second = int(found[1]), int(found[3])
        if order is None:
            raise UndecidedError(
                "may be day/month or month/day: say `dates: dmy` or `dates: mdy` in a mapping file"
            )
        day, month = (first, second) if order == "dmy" else (second, first)
        return _day(int(found[4]), month, day)
    if found := _WORDS.fullmatch(text):
        month = _MONTH.get(_plain(found[2] or found[3]))
        if month:
            return _day(int(found[5]), month, int(found[1] or found[4]))
    raise DateError("is no date")


def decide(
    cells: Sequence[str | date], stated: Order | None, habit: Order | None, *, today: date,
    is_daily: bool = False,
) -> Decided:  # fmt: skip
    """How a column's slashed dates are read; is_daily: each day has a row."""
    pairs = {}
    for position, cell in enumerate(cells):
        found = _SLASHED.fullmatch(cell.strip()) if isinstance(cell, str) else None
        if found:
            pairs[position] = (int(found[1]), int(found[3]), int(found[4]))
    if not pairs:
        return Decided(None)
    if stated:
        return Decided(stated, f"{ORDERS[stated]}: the mapping says so")
    high = {
        "dmy": [p for p, (a, b, _) in pairs.items() if a > 12 >= b],
        "mdy": [p for p, (a, b, _) in pairs.items() if b > 12 >= a],
    }
    if high["dmy"] and high["mdy"]:
        return Decided(None, contradiction=(high["dmy"][0], high["mdy"][0]))
    for order, positions in high.items():
        if positions:
            return Decided(order, f"{ORDERS[order]}: a day over 12 in {len(positions)} of them")
    days = {order: _days(pairs.values(), order) for order in ORDERS}
    late = {order: any(day > today for day in found) for order, found in days.items()}
    if late["dmy"] != late["mdy"]:
        order = "mdy" if late["dmy"] else "dmy"
        return Decided(order, f"{ORDERS[order]}: {ORDERS[_OTHER[order]]} would be in the future")
    if is_daily and len(set(days["dmy"])) > 1:
        rows = {order: _follow(found) for order, found in days.items()}
        if rows["dmy"] != rows["mdy"]:
            order = "dmy" if rows["dmy"] else "mdy"
            return Decided(order, f"{ORDERS[order]}: so its days follow each other")
    if habit:
        return Decided(habit, f"{ORDERS[habit]}: the habit of this format, no date says otherwise")
    return Decided(None)


def _moment(text: str, found: re.Match[str]) -> date:
    offset = "+00:00" if found[4] in ("Z", "z") else found[4]
    clock = re.search(r"\d{1,2}:\d{2}(:\d{2})?", text[10:])
    stamp = f"{text[:10]}T{(clock[0] if clock else '0:00').rjust(5, '0')}{offset}"
    try:
        return datetime.fromisoformat(stamp).astimezone(LOCAL_ZONE).date()
    except (ValueError, OverflowError) as error:
        raise DateError("is no date") from error


def _day(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise DateError("is no day of the calendar") from error
    if found.year < 2004:  # before the first of these platforms
        raise DateError("lies before the first of these platforms")
    return found


def _days(pairs: Sequence[tuple[int, int, int]], order: Order) -> list[date]:
    """The days under an order; those that it cannot read are left out."""
    days = []
    for first, second, year in pairs:
        day, month = (first, second) if order == "dmy" else (second, first)
        try:
            days.append(date(year, month, day))
        except ValueError:
            continue
    return days


def _follow(days: list[date]) -> bool:
    """Whether the days are without a gap."""
    ordered = sorted(set(days))
    return bool(ordered) and ordered[-1] - ordered[0] == timedelta(len(ordered) - 1)


def _plain(word: str) -> str:
    """Without accents and capitals: Août -> aout."""
    return unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().casefold()
