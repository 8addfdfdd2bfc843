"""`klankbord privacy rotate-key`: every stored pseudonym gets another name, and so do new ones.

The new name is computed from the old one (`klankbord.privacy_keys`), so threads still join, a
message that is read again is still the same row, and whoever has an old key alone can no longer try
a person against the database. The file of the new key is written first; which keys are in force
stands in the database, in the transaction that renames. A kill at any moment leaves either the old
names or the new ones, and a second call takes up the key that lies ready.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord import privacy_keys, secrets
from klankbord.database import Access
from klankbord.platforms.base import FieldRules
from klankbord.privacy_keys import renamed
from klankbord.privacy_rows import (
    PSEUDONYM,
    PSEUDONYM_SQL,
    Changed,
    Stored,
    map_leaves,
    quarantined,
    record,
    rewrite,
    stream_tables,
    text_columns,
)

#: a pseudonym in the id of a Bluesky post, wherever such an id is written down
_IN_URI = "at://"


@dataclass(frozen=True, slots=True)
class Rotated:
    """`generation`: how many keys are chained now. Rows renamed, by table."""

    generation: int
    rows: dict[str, int]


def rotate(access: Access, now: datetime, *, dry_run: bool = False) -> Rotated:
    """Rename everybody in raw and quarantine, in one transaction. What dbt made of the old names
    (ids of Bluesky messages) follows with the next build."""
    connection = access.open("klankbord_loader")
    try:
        with connection.cursor() as cursor:
            privacy_keys.alone(cursor)
            generation = privacy_keys.generation(cursor) + 1
            privacy_keys.keys(generation - 1)  # every earlier key must be there
        key = "dry run" if dry_run else secrets.secret(privacy_keys.key_name(generation))
        rows = _rename(connection, lambda name: renamed(key, name))
        if dry_run:
            connection.rollback()
        else:
            with connection.cursor() as cursor:
                record(
                    cursor,
                    "rotation",
                    now,
                    rows,
                    asked_by="command line",
                    key_generation=generation,
                )
            connection.commit()
    finally:
        connection.close()
    return Rotated(generation, rows)


def _rename(connection: Connection, rename: Callable[[str], str]) -> dict[str, int]:
    rows: dict[str, int] = {}
    with connection.cursor() as cursor:
        tables = list(stream_tables(cursor))
    where = sql.SQL("item_id ~ %(token)s or payload::text ~ %(token)s")
    for platform, stream, rules in tables:
        table = f"{platform}_{stream}"

        def change(row: Stored, rules: FieldRules = rules) -> Changed:
            return Changed(_id(row.item_id, rules, rename), renaming(row.payload, rules, rename))

        changed, _ = rewrite(connection, table, change, where, {"token": PSEUDONYM_SQL})
        rows |= {f"raw.{table}": changed} if changed else {}
    with connection.cursor() as cursor:
        rows |= _rename_quarantine(cursor, {f"raw.{p}_{s}": r for p, s, r in tables}, rename)
        rows |= _rename_elsewhere(cursor, {f"{p}_{s}" for p, s, _ in tables}, rename)
    return rows


def _id(item_id: str, rules: FieldRules, rename: Callable[[str], str]) -> str:
    return PSEUDONYM.sub(lambda m: rename(m.group()), item_id) if rules.person_uris else item_id


def renaming(payload: Any, rules: FieldRules, rename: Callable[[str], str]) -> Any:
    """The payload with every pseudonym renamed, where FieldRules say that one may stand: another
    value of 32 hex digits (the id of a news item, say) is left alone."""

    def leaf(path: str, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if path == "klankbord.author" or path in rules.person_ids:
            return rename(value) if PSEUDONYM.fullmatch(value) else value
        if path in rules.person_uris:
            return PSEUDONYM.sub(lambda m: rename(m.group()), value)
        return value

    return map_leaves(payload, leaf)


def _in_uris(text: str, rename: Callable[[str], str]) -> str:
    """The text with the pseudonyms of Bluesky URIs renamed."""
    head, *parts = text.split(_IN_URI)
    for part in parts:
        match = PSEUDONYM.match(part)
        head += _IN_URI + (rename(match.group()) + part[match.end() :] if match else part)
    return head


def _rename_quarantine(
    cursor: Cursor, rules: dict[str, FieldRules], rename: Callable[[str], str]
) -> dict[str, int]:
    """Moved rows by their table's rules, what rules said about them by URIs."""

    def change(table: str, content: Any) -> Any:
        mended = map_leaves(
            {k: v for k, v in content.items() if k != "payload"},
            lambda _, value: _in_uris(value, rename) if isinstance(value, str) else value,
        )
        payload = content.get("payload")
        if payload is not None and table in rules:
            payload = renaming(payload, rules[table], rename)
        return mended | ({"payload": payload} if "payload" in content else {})

    changed, _ = quarantined(cursor, change, "content::text ~ %(token)s", {"token": PSEUDONYM_SQL})
    return {"quarantine.rows": changed} if changed else {}


def _rename_elsewhere(
    cursor: Cursor, streams: set[str], rename: Callable[[str], str]
) -> dict[str, int]:
    """Ids of Bluesky messages in any other text column of schema raw (tombstones, say)."""
    rows: dict[str, int] = {}
    for (schema, table), columns in text_columns(cursor, ["raw"]).items():
        if table in streams or table in ("erased", "privacy_actions"):
            continue
        for column in columns:
            names = {"table": sql.Identifier(schema, table), "column": sql.Identifier(column)}
            cursor.execute(
                sql.SQL(
                    "select distinct {column}::text from {table} where {column}::text ~ %s"
                ).format(**names),
                [f"{_IN_URI}[0-9a-f]{{32}}"],
            )
            for (old,) in cursor.fetchall():
                cursor.execute(
                    sql.SQL("update {table} set {column} = %s where {column}::text = %s").format(
                        **names
                    ),
                    [_in_uris(old, rename), old],
                )
                rows[f"raw.{table}"] = rows.get(f"raw.{table}", 0) + cursor.rowcount
    return rows
