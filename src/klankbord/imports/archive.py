"""Follower counts of earlier studies: `klankbord import archive FILE`.

A CSV in UTF-8 with the header `account,date,followers,source`: the account's id in the register, an
ISO date, a whole number, and where the count comes from. All or nothing; loading a file twice
changes nothing.
"""

import csv
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from klankbord.database import Access
from klankbord.imports.faults import FileRefusedError

COLUMNS = ["account", "date", "followers", "source"]

#: (line, (account_id, date, followers, source))
Row = tuple[int, tuple]


@dataclass(frozen=True, slots=True)
class ArchiveLoad:
    """How many readings the file holds and how many of them were new."""

    readings: int
    inserted: int


def load(access: Access, file: Path, now: datetime) -> ArchiveLoad:
    """Check the whole file against the register and load it in one transaction."""
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("select account_id from register.accounts")
        known = {account_id for (account_id,) in cursor.fetchall()}
        rows = read(file, known, now.date())
        return ArchiveLoad(len(rows), insert(cursor, rows, file.name, now))


def insert(cursor: Cursor, rows: list[Row], file_name: str, now: datetime) -> int:
    """Store readings that are not known yet; their number."""
    cursor.execute("select count(*) from raw.archive_followers")
    before = cursor.fetchone()[0]
    execute_values(
        cursor,
        "insert into raw.archive_followers values %s on conflict do nothing",
        [(*row, file_name, line, now) for line, row in rows],
        page_size=5_000,
    )
    cursor.execute("select count(*) from raw.archive_followers")
    return cursor.fetchone()[0] - before


def read(file: Path, known: set[str], today: date) -> list[Row]:
    """(line, (account_id, date, followers, source)) of each reading; every fault in one error."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileRefusedError(
            [f"{file} cannot be read ({error.__class__.__name__}): give a CSV file in UTF-8."]
        ) from error
    reader = csv.DictReader(text.splitlines())
    if reader.fieldnames != COLUMNS:
        raise FileRefusedError([f"{file}:1: the header must be {','.join(COLUMNS)}."])
    rows: list[Row] = []
    faults: list[str] = []
    seen: dict[tuple, int] = {}
    for row in reader:
        line = reader.line_num
        fault = _fault(row, known, today)
        key = (row["account"], row["date"], row["source"])
        if fault is None and key in seen:
            fault = f"the same account, date and source stand on line {seen[key]}: keep one"
        seen.setdefault(key, line)
        if fault:
            faults.append(f"{file}:{line}: {fault}.")
        else:
            rows.append(
                (
                    line,
                    (
                        row["account"],
                        date.fromisoformat(row["date"]),
                        int(row["followers"]),
                        row["source"].strip(),
                    ),
                )
            )
    if faults:
        raise FileRefusedError(faults)
    return rows


def _fault(row: dict, known: set[str], today: date) -> str | None:
    if None in row or None in row.values():
        return f"a row has {len(COLUMNS)} cells"
    if row["account"] not in known:
        return f"the register has no account {row['account']!r}: add it, or correct the id"
    try:
        observed = date.fromisoformat(row["date"])
    except ValueError:
        return f"{row['date']!r} is no date: write it as 2025-09-01"
    if observed > today:
        return f"{row['date']} is in the future: correct the date"
    if not (row["followers"].isascii() and row["followers"].isdigit()):
        return f"{row['followers']!r} is no follower count: write a whole number without marks"
    if int(row["followers"]) >= 2**63:
        return f"{row['followers']} is more than there are people: correct the count"
    if not row["source"].strip():
        return "the source is empty: say where the count comes from"
    return None
