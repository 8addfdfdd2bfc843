"""Rewriting stored rows: what erasure, retention and rotation share.

All of them go through rows of `raw.<platform>_<stream>` and change ids and leaves of payloads. Rows
are streamed, so memory does not grow with the table; the caller owns the transaction.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord.platforms.base import FieldRules, discover

BATCH = 2_000
#: a pseudonym as it stands in an id or a payload
PSEUDONYM = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])")
#: the same for PostgreSQL
PSEUDONYM_SQL = r"(^|[^0-9A-Za-z])[0-9a-f]{32}([^0-9A-Za-z]|$)"


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of a raw table of a stream."""

    account_id: str
    item_id: str
    scan_on: date
    payload: Any


@dataclass(frozen=True, slots=True)
class Changed:
    """What a row becomes."""

    item_id: str
    payload: Any


#: None: the row goes
Change = Callable[[Stored], "Changed | None"]


def stream_tables(cursor: Cursor) -> Iterator[tuple[str, str, FieldRules]]:
    """(platform, stream, rules) of every raw table of a stream that exists."""
    cursor.execute("select table_name from information_schema.tables where table_schema = 'raw'")
    existing = {name for (name,) in cursor.fetchall()}
    for platform, cls in discover().items():
        for stream, rules in cls.fields.items():
            if f"{platform}_{stream}" in existing:
                yield platform, stream, rules


def map_leaves(value: Any, change: Callable[[str, Any], Any], path: str = "") -> Any:
    """The same JSON with every leaf replaced by `change(path, leaf)`; paths are those of
    FieldRules (`a.b`, `a[].b`)."""
    if isinstance(value, Mapping):
        below = f"{path}." if path else ""
        return {k: map_leaves(v, change, f"{below}{k}") for k, v in value.items()}
    if isinstance(value, list):
        return [map_leaves(v, change, f"{path}[]") for v in value]
    return change(path, value)


def rewrite(
    connection: Connection,
    table: str,
    change: Change,
    where: sql.Composable,
    values: Mapping[str, Any],
) -> tuple[int, int]:
    """Apply `change` to the rows of raw.<table> that meet `where`; (rows changed, rows gone)."""
    target = sql.Identifier("raw", table)
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.privacy_changes")
        cursor.execute(
            "create temporary table privacy_changes (account_id text, item_id text, scan_on date,"
            " new_id text, payload jsonb) on commit drop"
        )
        query = sql.SQL("select account_id, item_id, scan_on, payload from {} where {}")
        with connection.cursor("privacy_rows") as rows:
            rows.itersize = BATCH
            rows.execute(query.format(target, where), values)
            while batch := rows.fetchmany(BATCH):
                _copy(cursor, "privacy_changes", _changes(batch, change))
        cursor.execute("analyze privacy_changes")
        cursor.execute(
            sql.SQL(
                "delete from {} as r using privacy_changes as c where c.payload is null"
                " and r.account_id = c.account_id and r.item_id = c.item_id"
                " and r.scan_on = c.scan_on"
            ).format(target)
        )
        gone = cursor.rowcount
        cursor.execute(
            sql.SQL(
                "update {} as r set item_id = c.new_id, payload = c.payload"
                " from privacy_changes as c where c.payload is not null"
                " and r.account_id = c.account_id and r.item_id = c.item_id"
                " and r.scan_on = c.scan_on"
            ).format(target)
        )
        return cursor.rowcount, gone


def _changes(batch: Iterable[tuple], change: Change) -> Iterator[tuple]:
    for row in batch:
        stored = Stored(*row)
        changed = change(stored)
        key = (stored.account_id, stored.item_id, stored.scan_on)
        if changed is None:
            yield (*key, None, None)
        elif (changed.item_id, changed.payload) != (stored.item_id, stored.payload):
            yield (*key, changed.item_id, json.dumps(changed.payload, ensure_ascii=False))


def _copy(cursor: Cursor, table: str, rows: Iterable[tuple]) -> None:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    file.seek(0)
    cursor.copy_expert(
        sql.SQL("copy {} from stdin with (format csv)").format(sql.Identifier(table)), file
    )


def quarantined(
    cursor: Cursor,
    change: Callable[[str, Any], Any],
    where: str,
    values: Mapping[str, Any],
) -> tuple[int, int]:
    """Apply `change(table_name, content)` to rows of quarantine.rows; None: the row goes. Gives
    (rows changed, rows gone)."""
    changed = gone = 0
    cursor.execute(
        f"select ctid, table_name, content from quarantine.rows where {where} for update",  # noqa: S608
        values,
    )
    for ctid, table, content in cursor.fetchall():
        mended = change(table, content)
        if mended is None:
            cursor.execute("delete from quarantine.rows where ctid = %s", [ctid])
            gone += 1
        elif mended != content:
            cursor.execute(
                "update quarantine.rows set content = %s where ctid = %s",
                [json.dumps(mended, ensure_ascii=False), ctid],
            )
            changed += 1
    return changed, gone


def text_columns(cursor: Cursor, schemas: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    """(schema, table) -> its columns of text or JSON; views are left out."""
    cursor.execute(
        "select c.table_schema, c.table_name, c.column_name from information_schema.columns as c"
        " inner join information_schema.tables as t using (table_schema, table_name)"
        " where t.table_type = 'BASE TABLE' and c.table_schema = any(%s)"
        " and c.data_type in ('text', 'jsonb', 'json', 'character varying', 'ARRAY')"
        " order by 1, 2, c.ordinal_position",
        [list(schemas)],
    )
    found: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in cursor.fetchall():
        found.setdefault((schema, table), []).append(column)
    return found


def record(
    cursor: Cursor,
    kind: str,
    happened_at: datetime,
    row_counts: Mapping[str, int],
    *,
    platform: str | None = None,
    asked_by: str,
    key_generation: int | None = None,
) -> None:
    """Note in raw.privacy_actions what was done, in the caller's transaction."""
    cursor.execute(
        "insert into raw.privacy_actions"
        " (happened_at, kind, platform, asked_by, row_counts, key_generation)"
        " values (%s, %s, %s, %s, %s, %s)",
        [happened_at, kind, platform, asked_by, json.dumps(row_counts), key_generation],
    )
