"""Follower counts of earlier studies: `klankbord import archive FILE`.

A table with the header `account,date,followers,source` in any encoding, with any delimiter, or a
workbook: the account's id in the register, an ISO date, a whole number, and where the count comes
from. All or nothing; loading a file twice changes nothing, and a count that the same source now
tells otherwise is corrected.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from klankbord.database import Access
from klankbord.imports import files
from klankbord.imports.faults import FileRefusedError, Place, said, shown
from klankbord.settings import LOCAL_ZONE

COLUMNS = ("account", "date", "followers", "source")
BYTES_AT_MOST = 60_000_000  # 1.5 million counts, and 1.5 GB of memory

#: (line, (account_id, date, followers, source))
Row = tuple[int, tuple[str, date, int, str]]


@dataclass(frozen=True, slots=True)
class ArchiveLoad:
    """How many readings the file holds, how many of them were new, and how many it corrected."""

    readings: int
    inserted: int
    corrected: int = 0


def load(access: Access, file: Path, now: datetime) -> ArchiveLoad:
    """Check the whole file against the register and load it in one transaction."""
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("select account_id from register.accounts")
        known = {account_id for (account_id,) in cursor.fetchall()}
        rows = read(file, known, now.astimezone(LOCAL_ZONE).date())
        return insert(cursor, rows, file.name, now)


def insert(cursor: Cursor, rows: list[Row], file_name: str, now: datetime) -> ArchiveLoad:
    """Store what is not known yet, and what the same source told otherwise before."""
    is_new = execute_values(
        cursor,
        "insert into raw.archive_followers as known values %s"
        " on conflict (account_id, observed_on, source) do update set"
        " followers = excluded.followers, file_name = excluded.file_name,"
        " file_line = excluded.file_line, imported_at = excluded.imported_at"
        " where known.followers <> excluded.followers returning xmax = 0",
        [(*row, file_name, line, now) for line, row in rows],
        page_size=5_000,
        fetch=True,
    )
    inserted = sum(flag for (flag,) in is_new)
    return ArchiveLoad(len(rows), inserted, len(is_new) - inserted)


def read(file: Path, known: Collection[str], today: date) -> list[Row]:
    """(line, (account_id, date, followers, source)) of each reading; every fault in one error."""
    document = files.read(file, BYTES_AT_MOST)
    found = table(document)
    if found is None:
        what = f"the header must be {','.join(COLUMNS)}"
        raise FileRefusedError([said(Place(file.name, 1), what), *document.problems])
    return understood(document.name, found, known, today)


def table(document: files.Document) -> files.Sheet | None:
    """The table of a file whose first line is the header of an archive, else None."""
    for _, sheets in document.ways:
        rows = sheets[0].rows if sheets else ()
        if rows and rows[0].cells == COLUMNS:
            return sheets[0]
    return None


def understood(file: str, sheet: files.Sheet, known: Collection[str], today: date) -> list[Row]:
    """The readings of a table; FileRefusedError with every fault by its line."""
    rows: list[Row] = []
    faults: list[str] = []
    seen: dict[tuple, int] = {}
    for row in sheet.rows[1:]:
        if not row.filled:
            continue
        place = Place(file, row.line, sheet.name)
        try:
            reading = _reading(row.cells, known, today)
        except ValueError as error:
            faults.append(said(place, str(error)))
            continue
        key = (reading[0], reading[1], reading[3])
        if key in seen:
            what = f"the same account, date and source stand on line {seen[key]}: keep one"
            faults.append(said(place, what))
        seen.setdefault(key, row.line)
        rows.append((row.line, reading))
    if not rows and not faults:
        faults.append(said(Place(file, 1, sheet.name), "there is no row below the header"))
    if faults:
        raise FileRefusedError(faults)
    return rows


def _reading(
    cells: tuple[files.Cell, ...], known: Collection[str], today: date
) -> tuple[str, date, int, str]:
    if len(cells) != len(COLUMNS):
        raise ValueError(f"a row has {len(COLUMNS)} cells")
    account, day, followers, source = cells
    if account not in known:
        raise ValueError(f"the register has no account {str(account)!r}: add it, or correct the id")
    if isinstance(day, datetime):
        day = day.date()
    if not isinstance(day, date):
        try:
            day = date.fromisoformat(str(day))
        except ValueError as error:
            raise ValueError(f"{shown(day)} is no date: write it as 2025-09-01") from error
    if day > today:
        raise ValueError(f"{day} is in the future: correct the date")
    count = str(followers)
    if not re.fullmatch(r"\d+", count, re.ASCII):
        what = f"{shown(count)} is no follower count: write a whole number without marks"
        raise ValueError(what)
    if int(count) >= 2**63:
        raise ValueError(f"{count} is more than there are people: correct the count")
    if not source:
        raise ValueError("the source is empty: say where the count comes from")
    return str(account), day, int(count), str(source)
