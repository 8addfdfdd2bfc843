"""The only writer of raw.import_files and raw.import_insights: all files or none.

A file is its content (SHA-256), and loaded once. Every figure of it is a reading with its cell; of
several readings of a figure that of the latest export counts (stg_exports__insights).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from klankbord import settings
from klankbord.consent_states import STATES
from klankbord.database import Access
from klankbord.errors import KlankbordError
from klankbord.imports import archive, moments
from klankbord.imports.faults import FileRefusedError, Place, said
from klankbord.imports.files import Sheet, read
from klankbord.imports.formats import built_in
from klankbord.imports.owners import OwnerError, Owners, registered
from klankbord.imports.plans import UNKNOWN, Options, Plan, Reading, plan

_STAGED = (
    "account_id text, platform text, post_id text, metric_name text, metric_basis text,"
    " period text, start_on date, end_on date, observed_on date, value numeric,"
    " file_line integer, file_column text"
)
_COLUMNS = (
    "account_id, platform, post_id, metric_name, metric_basis, period, start_on, end_on,"
    " observed_on, value"
)


class UnknownAccountError(KlankbordError):
    """An account that the user named, and the register does not."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file brought. figures = new + changed (another file told them otherwise) + those that
    were known. was_known: its content had been loaded before."""

    name: str
    figures: int
    new: int
    changed: int
    was_known: bool


@dataclass(frozen=True, slots=True)
class Request:
    """Files with what the user said of them: accounts (one a platform), day of the export, formats
    of their own."""

    paths: Sequence[Path]
    accounts: Sequence[str] = ()
    options: Options = field(default_factory=Options)


def preview(access: Access, request: Request, now: datetime) -> list[Plan]:
    """What each file would load; nothing is written."""
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        return _plans(cursor, request, now)


def load(access: Access, plans: Sequence[Plan], now: datetime) -> list[Loaded]:
    """Load every file in one transaction; FileRefusedError, and none, when one has a fault."""
    refuse(plans)
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        # two imports at once would both miss the other's figures
        cursor.execute("select pg_advisory_xact_lock(hashtext('klankbord import'))")
        return [_write(cursor, one, now) for one in plans]


def refuse(plans: Sequence[Plan]) -> None:
    """FileRefusedError with the faults of all files, if there are any."""
    faults = [fault for one in plans for fault in one.faults]
    if faults:
        raise FileRefusedError(faults)


def _plans(cursor: Cursor, request: Request, now: datetime) -> list[Plan]:
    try:
        owners = Owners(registered(cursor), request.accounts)
    except OwnerError as error:
        raise UnknownAccountError(f"{error}.") from error
    formats = (*request.options.formats, *built_in())
    today = now.astimezone(settings.LOCAL_ZONE).date()
    made: list[Plan] = []
    withdrawn = _withdrawn(cursor, today)
    for path in request.paths:
        options = replace(
            request.options,
            formats=formats,
            saved_on=moments.saved_on(path),
            named=moments.named(path.name, path.resolve().parent.name),
        )
        one = plan(path, owners, options, today)
        _as_before(cursor, one, request.options)
        one.faults += [
            said(
                Place(one.name, 1),
                f"the owner of {account_id} withdrew the consent on {withdrawn[account_id]}: "
                "nothing of theirs is kept",
            )
            for account_id in one.account_ids
            if account_id in withdrawn and one.archived is None
        ]
        for other in made:
            if one.digest and one.digest == other.digest:
                one = replace(other, name=one.name)
        made.append(one)
    return made


def _withdrawn(cursor: Cursor, today: date) -> dict[str, date]:
    """Accounts whose owner withdrew a consent, on which figures of owners rest, and the day."""
    cursor.execute(
        f"with {STATES} select account_id, max(withdrawn_on) from consent_states"  # noqa: S608
        " where was_withdrawn and not is_in_force group by account_id",
        {"on": today},
    )
    return dict(cursor.fetchall())


def _as_before(cursor: Cursor, made: Plan, options: Options) -> None:
    """A file that was loaded before keeps its day of export, wherever it was copied since."""
    cursor.execute("select observed_on from raw.import_files where file_hash = %s", [made.digest])
    row = cursor.fetchone()
    if row is None or made.faults or row[0] == made.observed_on:
        return
    [before] = row
    if options.observed_on:
        what = (
            f"it was loaded as exported on {before}: `klankbord import undo` first, if that is "
            "not right"
        )
        made.faults.append(said(Place(made.name, 1), what))
        return
    made.readings = [_moved(reading, made.observed_on, before) for reading in made.readings]
    made.decisions = [d for d in made.decisions if not d.startswith("exported on ")]
    made.decisions.append(f"exported on {before}, as when it was loaded before")
    made.observed_on = before


def _moved(reading: Reading, now: date | None, before: date) -> Reading:
    end_on = before if reading.period == "lifetime" and reading.end_on == now else reading.end_on
    return replace(reading, end_on=end_on, observed_on=before)


def _write(cursor: Cursor, one: Plan, now: datetime) -> Loaded:
    if one.archived is not None:
        done = archive.insert(cursor, one.archived, one.name, now)
        return Loaded(one.name, done.readings, done.inserted, done.corrected, was_known=False)
    cursor.execute(
        "insert into raw.import_files (file_hash, file_name, formats, account_ids, observed_on,"
        " row_count, figure_count, decisions, imported_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (file_hash) do nothing returning import_id",
        [
            one.digest,
            one.name,
            sorted({u.table.format.name for u in one.understood}),
            one.account_ids,
            one.observed_on,
            one.rows,
            len(one.readings),
            one.decisions,
            now,
        ],
    )
    row = cursor.fetchone()
    if row is None:
        cursor.execute("select import_id from raw.import_files where file_hash = %s", [one.digest])
    [import_id] = row or cursor.fetchone()
    cursor.execute(f"create temporary table staged ({_STAGED}) on commit drop")
    execute_values(
        cursor, "insert into staged values %s", list(map(_staged, one.readings)), page_size=5_000
    )
    cursor.execute(
        "select count(*) filter (where known.value is null),"
        " count(*) filter (where known.value <> s.value) from staged as s"
        " left join lateral (select i.value from raw.import_insights as i"
        " where i.account_id = s.account_id and i.post_id = s.post_id"
        " and i.metric_name = s.metric_name and i.period = s.period"
        " and i.start_on = s.start_on and i.end_on = s.end_on"
        " order by i.import_id = %s desc, i.observed_on desc, i.import_id desc limit 1)"
        " as known on true",
        [import_id],
    )
    new, changed = cursor.fetchone()
    # also what other files say alike: undoing one of them must not take the figure from the others
    cursor.execute(
        f"insert into raw.import_insights ({_COLUMNS}, import_id, file_line, file_column)"  # noqa: S608
        f" select {_COLUMNS}, %s, file_line, file_column from staged on conflict do nothing",
        [import_id],
    )
    cursor.execute("drop table staged")
    return Loaded(one.name, len(one.readings), new, changed, row is None)


def _staged(reading: Reading) -> tuple:
    start = "-infinity" if reading.start_on == UNKNOWN else reading.start_on
    return (
        reading.account_id, reading.platform, reading.post_id, reading.metric_name,
        reading.metric_basis, reading.period, start, reading.end_on, reading.observed_on,
        reading.value, reading.file_line, reading.file_column,
    )  # fmt: skip


def undo(access: Access, path: Path) -> int:
    """Remove what a file loaded, known by its content; the number of figures, all or nothing. What
    other files say alike stays. Of an archive: the counts that stand as the file has them."""
    document = read(path)
    if counts := archive.table(document):
        return _undo_archive(access, path, counts)
    digest = document.digest
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("select import_id from raw.import_files where file_hash = %s", [digest])
        row = cursor.fetchone()
        if row is None:
            raise KlankbordError(f"{path.name}: its content was never loaded: nothing to undo.")
        cursor.execute("delete from raw.import_insights where import_id = %s", row)
        removed = cursor.rowcount
        cursor.execute("delete from raw.import_files where import_id = %s", row)
        return removed


def _undo_archive(access: Access, path: Path, counts: Sheet) -> int:
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        known = {row.cells[0] for row in counts.rows}
        rows = archive.understood(path.name, counts, known, date.max)
        execute_values(
            cursor,
            "delete from raw.archive_followers as known using (values %s) as said (a, d, f, s)"
            " where known.account_id = a and observed_on = d and followers = f and source = s",
            [row for _, row in rows],
            page_size=len(rows),
        )
        if not cursor.rowcount:
            raise KlankbordError(f"{path.name}: none of its counts is stored: nothing to undo.")
        return cursor.rowcount
