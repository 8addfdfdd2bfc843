"""`klankbord edition rebuild`: recompute an edition from raw, as it was known then, and compare.

A scratch database on the same server gets the rows of raw and register that were known at the
edition's moment; dbt builds it with today's code; what would be frozen of it is compared with what
was. No model knows of this: the filter is the copy. What it cannot bring back: what was erased or
withdrawn since, what a gate moved aside later, and code of another version (docs/editions.md).
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg2 import sql

from klankbord import database, warehouse
from klankbord.database import Access
from klankbord.editions import changes, contents, freezing, memory, store, versions
from klankbord.editions.model import ROLE, Edition
from klankbord.editions.store import Table
from klankbord.publish import swap

#: the column that says when a row became known, the first of these that a table has
_KNOWN = (
    "observed_at", "attempted_at", "noticed_at", "imported_at", "recorded_at", "started_at",
    "written_at",
)  # fmt: skip
#: tables without one: they are as old as what they belong to
_AS_OLD_AS = {
    "import_insights": "import_id in (select f.import_id from raw.import_files as f"
    " where f.imported_at <= {})",
    "survey_addressed": "survey_id in (select survey_id from raw.surveys where imported_at <= {})",
}
_LOADER = "klankbord_loader"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Tables that are the same, a sentence for each that is not, and why that may be."""

    same: list[str]
    different: list[str]
    remarks: list[str]


def rebuild(access: Access, edition_id: str) -> Rebuilt:
    """Recompute and compare; changes nothing in the warehouse."""
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        one = store.edition(cursor, edition_id)
    with _scratch(access) as scratch:
        _copy(access, scratch, one.known_at)
        warehouse.run(scratch, ["seed"])
        warehouse.run(scratch, ["run"])
        swap.publish(scratch, one.known_at)
        with scratch.connect(ROLE) as connection, connection.cursor() as cursor:
            draft = freezing.read(cursor, one.quarter)
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        return _compare(access, cursor, one, draft)


def _compare(access: Access, cursor: Any, one: Edition, draft: freezing.Draft) -> Rebuilt:
    held, now = set(), list(draft.tables)
    if one.previous_id:
        # what the edition repeats of an earlier one cannot come from raw
        public = [
            e for e in store.editions(cursor, one.period)
            if e.revision < one.revision and e.published_at and e.published_at <= one.made_at
        ]  # fmt: skip
        if public:
            held, _, now = freezing.held(cursor, draft, public)
    now += memory.tables(draft.snapshot)
    old = {table.table_name: table for table in store.whole(cursor, one.edition_id)}
    same, different = [], []
    for table in now:
        if table.table_name not in old:  # an edition of before this table was
            different.append(f"{table.table_name}: not in the edition")
            continue
        was = old[table.table_name]
        if table.table_name in contents.MEMORY and held:
            continue
        if (was.sha256, was.header) == (table.sha256, table.header):
            same.append(table.table_name)
        else:
            different.append(_said(was, table))
    return Rebuilt(same, different, list(_remarks(access, one, draft, len(held))))


def _said(was: Table, now: Table) -> str:
    if was.table_name in contents.MEMORY:
        return f"{was.table_name}: {was.row_count} rows then, {now.row_count} now"
    moved, first = 0, ""
    for change in changes.moved([was], [now], changes.Known()):
        moved += 1
        first = first or f"; first {change.key}: {change.old} then, {change.new} now"
    return f"{was.table_name}: {moved} rows differ{first}"


def _remarks(access: Access, one: Edition, draft: freezing.Draft, held: int) -> Iterator[str]:
    if (code := versions.code()) != one.code_version:
        yield f"Made with code {one.code_version}; this is {code}: check that version out."
    if draft.register_digest != one.register_digest:
        yield "The register as it was known then is not what the edition's digest says."
    if held:
        yield f"{held} blocks repeat an earlier public edition and were taken from it."
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select kind, count(*) from raw.privacy_actions where happened_at > %s"
            " group by kind order by kind",
            [one.known_at],
        )
        for kind, count in cursor.fetchall():
            yield f"Since then: {count} {kind}. What they took from raw is not in a rebuild."
        cursor.execute(
            "select count(*) from quarantine.rows where quarantined_at > %s and gate = 'raw'",
            [one.known_at],
        )
        if rows := cursor.fetchone()[0]:
            yield f"Since then gate 1 moved {rows} rows out of raw."


@contextmanager
def _scratch(access: Access) -> Iterator[Access]:
    """A database of this run's own, dropped afterwards."""
    name = f"{access.dbname}_rebuild_{os.urandom(4).hex()}"
    scratch = replace(access, dbname=name)
    try:
        database.prepare(scratch)
        yield scratch
    finally:
        with database.autocommit(access, "postgres") as cursor:
            cursor.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )


def _copy(source: Access, target: Access, known_at: datetime) -> None:
    """Rows of raw and register that were known by `known_at`, table by table through a file."""
    with (
        source.connect(_LOADER) as reading,
        target.connect(_LOADER) as writing,
        reading.cursor() as reader,
        writing.cursor() as writer,
    ):
        reader.execute(
            "select table_schema, table_name, array_agg(column_name::text order by"
            " ordinal_position) from information_schema.columns"
            " inner join information_schema.tables using (table_schema, table_name)"
            " where table_schema in ('raw', 'register') and table_type = 'BASE TABLE'"
            " group by 1, 2 order by 1, 2"
        )
        for schema, table, columns in reader.fetchall():
            query = _query(schema, table, columns, known_at).as_string(reading)
            with tempfile.TemporaryFile() as file:
                reader.copy_expert(f"copy ({query}) to stdout", file)
                file.seek(0)
                name = sql.SQL("{} ({})").format(
                    sql.Identifier(schema, table),
                    sql.SQL(", ").join(map(sql.Identifier, columns)),
                )
                writer.copy_expert(f"copy {name.as_string(writing)} from stdin", file)
        writer.execute(
            "select format('analyze %I.%I', schemaname, tablename) from pg_tables"
            " where schemaname in ('raw', 'register')"
        )
        for (statement,) in writer.fetchall():
            writer.execute(statement)


def _query(schema: str, table: str, columns: Sequence[str], known_at: datetime) -> sql.Composed:
    """A table as it was: younger rows left out, and what was superseded later still holds."""
    moment = sql.Literal(known_at)
    shown = [
        sql.SQL("nullif({0}, case when {0} > {1} then {0} end) as {0}").format(
            sql.Identifier(name), moment
        )
        if name == "superseded_at"
        else sql.Identifier(name)
        for name in columns
    ]
    known = next((name for name in _KNOWN if name in columns), None)
    if table in _AS_OLD_AS:
        where = sql.SQL(_AS_OLD_AS[table]).format(moment)
    elif known:
        where = sql.SQL("{} <= {}").format(sql.Identifier(known), moment)
    else:
        where = sql.SQL("true")
    return sql.SQL("select {} from {} where {}").format(
        sql.SQL(", ").join(shown), sql.Identifier(schema, table), where
    )
