"""`incident_matches.csv` in the folders of the register: what a person decided about a match.

A row confirms that a message is about an incident, or rejects it, and outvotes the rules. All files
together are loaded as a whole or not at all; what is no longer in them is no longer decided.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from klankbord.database import Access
from klankbord.imports.faults import FileRefusedError, listed

NAME = "incident_matches.csv"
VERDICTS = ("confirm", "reject")
CELL_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Verdict:
    """A row. post_id as the platform calls it; `klankbord incident show` prints both ids."""

    source: str
    incident_id: str
    account_id: str
    post_id: str
    verdict: str
    note: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.source, self.incident_id, self.account_id, self.post_id


COLUMNS = tuple(f.name for f in fields(Verdict))
Placed = tuple[str, int, Verdict]  # file, line, row


def load(access: Access, folders: Sequence[Path], now: datetime) -> int:
    """Store the verdicts of the folders instead of those that were there; returns how many.
    FileRefusedError with every fault, each with its file and line."""
    found, faults = read(folders)
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        faults += list(_unfounded(cursor, found))
        if faults:
            raise FileRefusedError(faults)
        cursor.execute("delete from raw.incident_matches")
        execute_values(
            cursor,
            "insert into raw.incident_matches values %s",
            [(*astuple(v), file, line, now) for file, line, v in found],
        )
    return len(found)


def read(folders: Sequence[Path]) -> tuple[list[Placed], list[str]]:
    """(verdicts, faults) of all files, each read once."""
    found: list[Placed] = []
    faults: list[str] = []
    paths = dict.fromkeys(p.resolve() for folder in folders for p in sorted(folder.rglob(NAME)))
    first: dict[tuple[str, ...], str] = {}
    for path in paths:
        name = f"{path.parent.name}/{path.name}"
        for line, verdict in _rows(path, name, faults):
            where = f"{name}:{line}"
            if verdict.key in first:
                faults.append(f"{where}: decided at {first[verdict.key]} already: keep one.")
            first.setdefault(verdict.key, where)
            found.append((name, line, verdict))
    return found, faults


def _rows(path: Path, name: str, faults: list[str]) -> Iterator[tuple[int, Verdict]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        faults.append(f"{name}:1: the text is not UTF-8: save the file as CSV in UTF-8.")
        return
    except OSError as error:
        faults.append(f"{name}:1: cannot be read ({error.strerror}).")
        return
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if sorted(header) != sorted(COLUMNS):
            faults.append(f"{name}:1: its columns must be {','.join(COLUMNS)}.")
            return
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if verdict := _verdict(header, row, f"{name}:{reader.line_num}", faults):
                yield reader.line_num, verdict
    except csv.Error as error:
        faults.append(f"{name}:{reader.line_num}: it is no CSV ({error}).")


def _verdict(header: list[str], row: list[str], where: str, faults: list[str]) -> Verdict | None:
    if len(row) != len(header):
        faults.append(f"{where}: it has {len(row)} cells and the header {len(header)}.")
        return None
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
    before = len(faults)
    if empty := [name for name in COLUMNS if not cells[name]]:
        faults.append(f"{where}: {listed(empty)} must not be empty.")
    elif cells["verdict"] not in VERDICTS:
        faults.append(f"{where}, column verdict: write confirm or reject.")
    if long := [name for name, cell in cells.items() if len(cell) > CELL_AT_MOST]:
        faults.append(f"{where}: {listed(long)} is longer than {CELL_AT_MOST} characters.")
    if any("\x00" in cell for cell in cells.values()):
        faults.append(f"{where}: it holds a character that is no text.")
    return Verdict(**cells) if len(faults) == before else None


def _unfounded(cursor: Cursor, found: Sequence[Placed]) -> Iterator[str]:
    """What a verdict names and nobody knows, or cannot be so."""
    cursor.execute("select source, incident_id, alarmed_at, organisation_id from raw.incidents")
    incidents = {row[:2]: row[2:] for row in cursor.fetchall()}
    cursor.execute(
        "select account_id, min(platform), min(organisation_id) from register.accounts"
        " where superseded_at is null group by account_id"
    )
    accounts = {row[0]: row[1:] for row in cursor.fetchall()}
    for file, line, verdict in found:
        where = f"{file}:{line}"
        incident = incidents.get((verdict.source, verdict.incident_id))
        account = accounts.get(verdict.account_id)
        if incident is None:
            yield f"{where}, column incident_id: no log has this incident of this source."
        elif account is None:
            yield f"{where}, column account_id: the register has no such account."
        else:
            alarmed_at, municipality = incident
            platform, organisation = account
            created_at = _created_at(cursor, platform, verdict)
            if created_at is None:
                yield f"{where}, column post_id: nothing of this id was read of that account."
            elif verdict.verdict == "confirm" and created_at < alarmed_at:
                yield f"{where}, column post_id: the message is older than the alarm."
            elif municipality and not _is_concerned(cursor, organisation, municipality):
                yield f"{where}, column account_id: the incident does not concern its organisation."


def _created_at(cursor: Cursor, platform: str, verdict: Verdict) -> datetime | None:
    """When an item of an account was made; None where it was never read."""
    for stream in ("posts", "messages"):
        table = f"{platform}_{stream}"
        cursor.execute("select to_regclass(%s) is not null", [f"raw.{table}"])
        if not cursor.fetchone()[0]:
            continue
        cursor.execute(
            sql.SQL("select min(created_at) from {} where account_id = %s and item_id = %s").format(
                sql.Identifier("raw", table)
            ),
            [verdict.account_id, verdict.post_id],
        )
        if (created_at := cursor.fetchone()[0]) is not None:
            return created_at
    return None


def _is_concerned(cursor: Cursor, organisation: str, municipality: str) -> bool:
    """Whether it lies in the body's territory, or the body is a municipality as well: itself, or a
    neighbour (of others a verdict has no effect)."""
    cursor.execute(
        "select (select count(*) from register.memberships where superseded_at is null"
        " and organisation_id = %(body)s and member_id = %(town)s)"
        " + (select count(*) from register.organisations where superseded_at is null"
        " and organisation_id = %(body)s and organisation_type = 'municipality')",
        {"body": organisation, "town": municipality},
    )
    return bool(cursor.fetchone()[0])
