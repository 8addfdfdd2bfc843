"""When a file was exported, and which days a table covers that names none.

The day of the export orders the readings: of a figure in two files the later one holds. The last
day that a file names is not it (an export of last spring that is made today names spring), so the
day on which the file was saved comes first, where it can be true.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from klankbord.settings import LOCAL_ZONE

_DAY = re.compile(r"(?<!\d)(20\d\d)([-_.]?)(\d\d)\2(\d\d)(?!\d)")
#: the first days of the platforms' exports, as Meta names its files: Sep-01-2026_Sep-30-2026
FIRST = date(2004, 1, 1)


class DaysError(ValueError):
    """Days that cannot be told; the text is the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Days:
    """observed_on: of the export. since, until: of figures over a period that the rows do not name.
    decision: how they were told."""

    observed_on: date
    until: date
    since: date | None
    decisions: tuple[str, ...]


def saved_on(path: Path) -> date | None:
    """The day on which a file was saved: that of its download, unless somebody copied it since."""
    try:
        seconds = path.stat().st_mtime
        return datetime.fromtimestamp(seconds, LOCAL_ZONE).date()
    except (OSError, OverflowError, ValueError):
        return None


def named(*names: str) -> tuple[date, ...]:
    """The one or two days in the first of the names that has any: 2026-09-01_2026-09-30."""
    for name in names:
        found = []
        for year, _, month, day in _DAY.findall(name):
            try:
                found.append(date(int(year), int(month), int(day)))
            except ValueError:
                continue
        if found:
            return tuple(sorted(set(found))) if len(set(found)) <= 2 else ()
    return ()


def tell(
    days: Sequence[date],
    *,
    is_open: bool,
    stated: tuple[date | None, date | None],
    saved: date | None,
    in_name: Sequence[date],
    today: date,
) -> Days:
    """The days of a file; DaysError where nothing tells them.

    days: every day that the rows name. is_open: whether figures cover a period that they do not
    name. stated: what the user said, (day of the export, first day).
    """
    last = max(days, default=None)
    observed_on, since = stated
    said: list[str] = []
    until = observed_on
    if observed_on and not (last or FIRST) <= observed_on <= today:
        raise DaysError(
            f"--observed-on {observed_on} lies outside {last or 'the past'} to {today}: give the "
            "day of the export"
        )
    if is_open and not observed_on:
        if not in_name:
            raise DaysError(
                "the file does not say which days it covers: give the last one with --observed-on "
                "and the first with --since, or write both into its name or its folder's, such as "
                "2026-09-01_2026-09-30"
            )
        until = in_name[-1]
        since = since or (in_name[0] if len(in_name) == 2 else None)
        if until > today or (last and last > until):
            raise DaysError(
                f"its name or its folder's says {until}, and the days in it go from "
                f"{min(days, default=until)} to {last or until}: correct the name, or say "
                "--observed-on"
            )
        covered = f"from {since} to {until}" if since else f"up to {until}"
        said.append(f"covers {covered}: its name or its folder's says so")
    floor = max(filter(None, (last, until)), default=None)
    if not observed_on:
        if saved and (floor or saved) <= saved <= today:
            observed_on = saved
            said.append(f"exported on {saved}, when it was saved; --observed-on says another day")
        elif floor:
            observed_on = floor
            said.append(f"exported on {floor}, its last day; --observed-on says another day")
        else:
            raise DaysError(
                "no day stands in the file: give the day of the export with --observed-on"
            )
    until = until or observed_on
    if since and since > until:
        raise DaysError(f"--since {since} lies after the file's last day {until}")
    return Days(observed_on, until, since, tuple(said))
