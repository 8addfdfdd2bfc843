"""Opening hours: what the rows of opening_hours.csv must be to each other.

A row is one opening on one day of the week, 1 (Monday) to 7, or on public holidays; a day may have
several, and a day without a row is closed. Whoever has hours of its own on a date has only those:
the default of its type then says nothing (docs/inputs.md).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations

from klankbord.register.rows import OpeningHours

HOLIDAY = "holiday"


def faults(rows: Iterable[OpeningHours]) -> Iterator[tuple[OpeningHours, str]]:
    """(row, what is wrong with it as the end of a sentence that starts with its place)."""
    by_day, by_body = defaultdict(list), defaultdict(list)
    for row in rows:
        by_body[row.organisation_id].append(row)
        # HH:MM sorts as time, 24:00 last
        if row.opens_at >= row.closes_at:
            yield (
                row,
                f"closes_at {row.closes_at} is not after opens_at {row.opens_at}; write hours past "
                "midnight on two lines, one until 24:00 and one from 00:00 on the next weekday",
            )
        else:
            by_day[row.organisation_id, row.weekday].append(row)
    for same_day in by_day.values():
        yield from _overlaps(same_day)
    for name, of_body in by_body.items():
        if all(row.weekday == HOLIDAY for row in of_body):
            what = f"{name} has hours on holidays only and would be closed on all other days"
            yield of_body[0], f"{what}; write its weekdays too"


def _overlaps(rows: list[OpeningHours]) -> Iterator[tuple[OpeningHours, str]]:
    for other, row in combinations(rows, 2):
        is_same_time = row.opens_at < other.closes_at and other.opens_at < row.closes_at
        if is_same_time and _start(row) < _end(other) and _start(other) < _end(row):
            place = f"{other.source_file}:{other.source_line}"
            yield (
                row,
                f"{row.opens_at}-{row.closes_at} of {row.organisation_id} on {row.weekday} overlaps"
                f" with {place}; make one opening of the two, or end one before the other begins",
            )


def _start(row: OpeningHours) -> date:
    return row.valid_from or date.min


def _end(row: OpeningHours) -> date:
    return row.valid_to or date.max
