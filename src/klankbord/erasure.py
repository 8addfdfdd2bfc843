"""`klankbord erase`: every trace of a person, found by their platform id, and no way back.

A person's messages go; what the organisation said to them stays as its own message, with the
reference replaced by `NOBODY` (it stays a reply). Their id joins the list of the erased, as a keyed
digest, so that no later scan brings them back. Tables that dbt made are cleared of them at once, so
that nothing depends on the build that follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from klankbord import privacy_keys, secrets
from klankbord.database import Access
from klankbord.erasure_ids import ErasureError, check_ids
from klankbord.privacy import unnamed
from klankbord.privacy_keys import NOBODY, Keyring
from klankbord.privacy_rows import (
    Changed,
    Stored,
    map_leaves,
    quarantined,
    record,
    rewrite,
    stream_tables,
    text_columns,
)

AskedBy = Literal["person", "organisation", "platform", "authority", "unsaid"]
DERIVED = ("staging", "intermediate", "marts", "reporting")


@dataclass(frozen=True, slots=True)
class Erased:
    """Rows by table: deleted, or with a reference replaced. `is_new`: not on the list before."""

    rows: dict[str, int] = field(default_factory=dict)
    is_new: bool = False

    @property
    def total(self) -> int:
        """Rows touched."""
        return sum(self.rows.values())


def erase(
    access: Access,
    platform: str,
    ids: Sequence[str],
    now: datetime,
    *,
    asked_by: AskedBy = "unsaid",
    dry_run: bool = False,
) -> Erased:
    """Remove the persons from raw, quarantine and what dbt made of them.

    What dbt made is committed first and the source last: a kill in between is mended by a second
    call, which finds everything again. Twice changes nothing. With `dry_run` it counts and writes
    nothing.
    """
    if asked_by not in get_args(AskedBy):
        raise ErasureError(f"{asked_by!r} is unknown: choose {', '.join(get_args(AskedBy))}.")
    check_ids(platform, ids)
    loader, transformer = access.open("klankbord_loader"), access.open("klankbord_transformer")
    try:
        persons = _Persons(loader, platform, ids)
        persons.leave_raw()
        with loader.cursor() as cursor:
            persons.leave_quarantine(cursor)
            persons.leave_other_tables(cursor, ["raw"])
            is_new = persons.never_again(cursor)
            if persons.rows or is_new:
                record(cursor, "erasure", now, persons.rows, platform=platform, asked_by=asked_by)
        with transformer.cursor() as cursor:
            persons.leave_other_tables(cursor, DERIVED)
        for connection in (transformer, loader):
            connection.rollback() if dry_run else connection.commit()
    finally:
        transformer.close()
        loader.close()
    return Erased(persons.rows, is_new)


class _Persons:
    """The persons in hand: their names under every key, and the messages that were found."""

    def __init__(self, connection: Connection, platform: str, ids: Sequence[str]) -> None:
        self.rows: dict[str, int] = {}
        self._connection = connection
        self._platform = platform
        with connection.cursor() as cursor:
            privacy_keys.alone(cursor)
            keys = privacy_keys.keys(privacy_keys.generation(cursor))
        self._keyring = Keyring(keys, secrets.secret("erasure_key"))
        self._ids = {name: one for one in ids for name in self._keyring.pseudonyms(platform, one)}
        self._found_by = "|".join(self._ids)
        self._items: set[str] = set()
        self._accounts: set[str] = set()  # to which they spoke

    def _count(self, table: str, rows: int) -> None:
        if rows:
            self.rows[table] = self.rows.get(table, 0) + rows

    def _names(self, text: str) -> bool:
        return any(name in text for name in self._ids)

    def _leaf(self, _: str, value: Any) -> Any:
        """A leaf of a payload without the persons and their messages."""
        if isinstance(value, str) and (value in self._items or self._names(value)):
            return NOBODY
        return value

    def leave_raw(self) -> None:
        """Their messages go; what else names them or a message of theirs keeps its row."""
        with self._connection.cursor() as cursor:
            tables = [t for t in stream_tables(cursor) if t[0] == self._platform]
            for platform, stream, _ in tables:
                cursor.execute(
                    sql.SQL(
                        "select distinct account_id, item_id from {}"
                        " where payload #>> '{{klankbord,author}}' = any(%s)"
                    ).format(sql.Identifier("raw", f"{platform}_{stream}")),
                    [list(self._ids)],
                )
                for account_id, item_id in cursor.fetchall():
                    self._accounts.add(account_id)
                    self._items.add(item_id)
            cursor.execute(  # what a gate moved aside was theirs too
                "select subject, content ->> 'item_id' from quarantine.rows"
                " where content #>> '{payload,klankbord,author}' = any(%s)",
                [list(self._ids)],
            )
            for account_id, item_id in cursor.fetchall():
                self._accounts.add(account_id)
                self._items.add(item_id)
        where = sql.SQL(
            "account_id = any(%(accounts)s) or item_id ~ %(names)s or payload::text ~ %(names)s"
        )
        for platform, stream, _ in tables:
            table = f"{platform}_{stream}"
            values = {"accounts": list(self._accounts), "names": self._found_by}
            changed, gone = rewrite(self._connection, table, self._change, where, values)
            self._count(f"raw.{table}", changed + gone)

    def _change(self, row: Stored) -> Changed | None:
        if (row.payload.get("klankbord") or {}).get("author") in self._ids:
            return None
        item_id = row.item_id
        if self._names(item_id):  # an own repost of theirs
            for name, one in self._ids.items():
                item_id = item_id.replace(name, one)
            item_id = unnamed(self._keyring, self._platform, item_id)
        return Changed(item_id, map_leaves(row.payload, self._leaf))

    def leave_quarantine(self, cursor: Cursor) -> None:
        """A quarantined message of theirs goes; a line about something else loses the name."""

        def leaf(path: str, value: Any) -> Any:
            words = value.split() if isinstance(value, str) else ()
            return NOBODY if self._items.intersection(words) else self._leaf(path, value)

        def change(table: str, content: Any) -> Any:
            author = ((content.get("payload") or {}).get("klankbord") or {}).get("author")
            is_theirs = author in self._ids or (
                content.get("item_id") in self._items and table.endswith("_messages")
            )
            return None if is_theirs else map_leaves(content, leaf)

        where = (
            "content::text ~ %(names)s or subject = any(%(accounts)s) or table_name like %(tables)s"
        )
        values = {
            "names": self._found_by,
            "accounts": list(self._accounts),
            "tables": f"raw.{self._platform}\\_%",
        }
        self._count("quarantine.rows", sum(quarantined(cursor, change, where, values)))

    def leave_other_tables(self, cursor: Cursor, schemas: Sequence[str]) -> None:
        """Rows of any other table with one of the names in a text, or with the id of a message of
        theirs in a column `*_id`: whatever table somebody adds tomorrow."""
        streams = {("raw", f"{p}_{s}") for p, s, _ in stream_tables(cursor)}
        kept = streams | {("raw", "erased"), ("raw", "privacy_actions")}
        values = {"names": self._found_by, "items": list(self._items)}
        for table, columns in text_columns(cursor, schemas).items():
            if table in kept:
                continue
            ids = [c for c in columns if c.endswith("_id") and c != "account_id"]
            texts = sql.SQL(", ").join(map(sql.Identifier, columns))
            # one search through a row's texts together, not one through each of them
            conditions = [sql.SQL("row({})::text ~ %(names)s").format(texts)] + [
                sql.SQL("{}::text = any(%(items)s)").format(sql.Identifier(c)) for c in ids
            ]
            cursor.execute(
                sql.SQL("delete from {} where {}").format(
                    sql.Identifier(*table), sql.SQL(" or ").join(conditions)
                ),
                values,
            )
            self._count(".".join(table), cursor.rowcount)

    def never_again(self, cursor: Cursor) -> bool:
        """Put them, and the messages that were found, on the list of the erased."""
        # the id of a message that holds their name needs no line of its own
        known = {i for i in self._items if not self._names(i)} | set(self._ids.values())
        rows = [(self._platform, self._keyring.digest(self._platform, one)) for one in known]
        added = execute_values(
            cursor,
            "insert into raw.erased values %s on conflict do nothing returning digest",
            rows,
            fetch=True,
        )
        return bool(added)
