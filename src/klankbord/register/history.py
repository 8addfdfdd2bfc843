"""`Register` -> schema register. What changed is superseded and recorded anew, nothing is lost."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord.errors import RegisterError
from klankbord.register.model import Register
from klankbord.register.rows import TABLES, Row, columns

PLACE = ("source_file", "source_line")
#: Never null and nearly unique: what two versions of a row are found by, so that PostgreSQL hashes
#: instead of comparing every row with every other.
_FOUND_BY = {
    "organisations": "organisation_id",
    "memberships": "member_id",
    "populations": "organisation_id",
    "accounts": "account_id",
    "mergers": "predecessor_id",
    "targets": "target_id",
    "opening_hours": "organisation_id",
    "web_sites": "organisation_id",
    "consents": "account_id",
    "peer_groups": "organisation_id",
    "adjacency": "organisation_id",
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one table: new versions, versions that ended, rows that were there already."""

    inserted: int
    superseded: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class LoadSummary:
    """What a load did, by table."""

    tables: dict[str, Counts]

    @property
    def has_changes(self) -> bool:
        """Whether the warehouse's register is another than before."""
        return any(count.inserted or count.superseded for count in self.tables.values())


def load(connection: Connection, register: Register, now: datetime) -> LoadSummary:
    """Make `register` what the warehouse says now, in the caller's transaction (as
    klankbord_loader): the caller commits. Loading the same register twice writes nothing.

    A line that only moved within its file is not a new version. Raises RegisterError when
    something changed and `now` lies before the moment of an earlier load.
    """
    with connection.cursor() as cursor:
        tables = [sql.Identifier("register", table) for table in TABLES]
        # two loads at once would both supersede and both insert; readers are not held up
        cursor.execute(
            sql.SQL("lock table {} in share row exclusive mode").format(sql.SQL(", ").join(tables))
        )
        latest = _latest_load(cursor)
        summary = LoadSummary(
            {table: _load_table(cursor, table, register.rows(table), now) for table in TABLES}
        )
        if summary.has_changes and latest is not None and now < latest:
            raise RegisterError(
                f"the register was last loaded at {latest:%Y-%m-%d %H:%M:%S %Z}, which is after "
                f"now, {now:%Y-%m-%d %H:%M:%S %Z}: set KLANKBORD_NOW to a later moment or unset it."
            )
    return summary


def _latest_load(cursor: Cursor) -> datetime | None:
    each = [
        sql.SQL(
            "select greatest(max(recorded_at), max(superseded_at)) as loaded_at from {}"
        ).format(sql.Identifier("register", table))
        for table in TABLES
    ]
    union = sql.SQL(" union all ").join(each)
    cursor.execute(sql.SQL("select max(loaded_at) from ({}) as loads").format(union))
    return cursor.fetchone()[0]


def _load_table(cursor: Cursor, table: str, rows: Sequence[Row], now: datetime) -> Counts:
    declared = columns(TABLES[table])
    names = {
        "known": sql.Identifier("register", table),
        "declared": _listed(declared),
        "all": _listed([*declared, *PLACE]),
        # "is not distinct from": an empty cell equals an empty cell
        "same": sql.SQL("incoming.{0} = known.{0} and ({1}) is not distinct from ({2})").format(
            sql.Identifier(_FOUND_BY[table]),
            _listed(declared, "incoming"),
            _listed(declared, "known"),
        ),
    }

    def run(statement: str) -> int:
        cursor.execute(sql.SQL(statement).format(**names), {"now": now})
        return cursor.rowcount

    run("create temporary table incoming as select {all} from {known} with no data")
    cursor.copy_expert(
        # rows that were made, not read, have the empty text as their file
        "copy incoming from stdin with (format csv, force_not_null (source_file))",
        _as_csv(rows, [*declared, *PLACE]),
    )
    run("analyze incoming")
    superseded = run(
        "update {known} as known set superseded_at = %(now)s where superseded_at is null"
        " and not exists (select from incoming where {same})"
    )
    run(
        "update {known} as known"
        " set source_file = incoming.source_file, source_line = incoming.source_line"
        " from incoming where known.superseded_at is null and {same}"
        " and (known.source_file, known.source_line)"
        " <> (incoming.source_file, incoming.source_line)"
    )
    inserted = run(
        "insert into {known} ({all}, recorded_at) select {all}, %(now)s from incoming"
        " where not exists"
        " (select from {known} as known where known.superseded_at is null and {same})"
    )
    run("drop table incoming")
    return Counts(inserted, superseded, len(rows) - inserted)


def _listed(names: Iterable[str], table: str | None = None) -> sql.Composable:
    prefix = (table,) if table else ()
    return sql.SQL(", ").join(sql.Identifier(*prefix, name) for name in names)


def _as_csv(rows: Iterable[Row], names: Sequence[str]) -> io.StringIO:
    """An empty cell is null to COPY; a declared cell is never the empty text."""
    file = io.StringIO()
    csv.writer(file).writerows([getattr(row, name) for name in names] for row in rows)
    file.seek(0)
    return file
