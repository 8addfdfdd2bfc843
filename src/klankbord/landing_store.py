"""Which rows of a group are worth storing, and how they get into the tables of their streams."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord.landing_draft import Group
from klankbord.landing_rows import COLUMNS, Pieces
from klankbord.landing_rows import field as copy_field
from klankbord.platforms.base import FieldRules, Window
from klankbord.platforms.events import Stream
from klankbord.platforms.ledger import AGE_STEPS
from klankbord.tombstones import bury

#: streams in which an unchanged item is not stored again
CHANGES_ONLY: frozenset[Stream] = frozenset({"messages", "insights"})
#: a row of `landing` says by its table of which stream it is
STREAMS: tuple[Stream, ...] = ("profiles", "posts", "messages", "insights")


class Store:
    """The tables of one platform's streams, for one extraction."""

    def __init__(
        self,
        platform: str,
        window: Window,
        fields: Mapping[Stream, FieldRules],
        extraction_id: str,
        now: datetime,
    ) -> None:
        self._platform = platform
        self._window = window
        self._fields = fields
        self._extraction_id = extraction_id
        self._now = now

    @staticmethod
    def prepare(cursor: Cursor) -> None:
        """The temporary tables in which rows wait to be compared; empty after each transaction."""
        cursor.execute(
            "create temporary table if not exists landing (account_id text, item_id text,"
            " scan_on date, observed_at timestamptz, created_at timestamptz, answers integer,"
            " thread_id text, payload jsonb, extraction_id uuid, stream text) on commit delete rows"
        )
        for stream in STREAMS:
            cursor.execute(
                sql.SQL(
                    "create temporary table if not exists {} (stream text default {})"
                    " inherits (landing) on commit delete rows"
                ).format(sql.Identifier(f"landing_{stream}"), sql.Literal(stream))
            )
        cursor.execute(
            "create temporary table if not exists landing_absent (account_id text, stream text,"
            " complete_since timestamptz, thread_id text, item_id text) on commit delete rows"
        )

    def write(
        self, cursor: Cursor, group: Group, accepted: Collection[tuple[str, Stream]]
    ) -> dict[Stream, int]:
        """Rows of accounts of which nothing was stored go straight to their table; those of others
        are first compared with what was."""
        stored: dict[Stream, int] = {}
        compared: list[Stream] = []
        absent: list[tuple[Any, ...]] = []
        for stream in sorted({stream for _, stream in accepted}):
            drafts = {name: draft for name, draft in group if (name, stream) in accepted}
            old = self._known(cursor, stream, list(drafts))
            new = [name for name in drafts if name not in old and drafts[name].count(stream)]
            stored[stream] = sum(drafts[name].count(stream) for name in new)
            pieces = (piece for name in new for piece in drafts[name].rows[stream].pieces())
            if new and not self._write_new(cursor, stream, pieces):
                old, stored[stream] = {*old, *new}, 0
            if not old:
                continue
            compared.append(stream)
            stored[stream] += self._write_changed(
                cursor,
                stream,
                (
                    piece
                    for name in sorted(old)
                    if stream in drafts[name].rows
                    for piece in drafts[name].rows[stream].pieces()
                ),
            )
            absent += (row for name in old for row in drafts[name].absent(name, stream))
        if compared:
            self._bury(cursor, compared, absent)
        return stored

    def _known(self, cursor: Cursor, stream: Stream, names: list[str]) -> set[str]:
        """Those of the accounts of which something was stored before: there is something to compare
        with, and something that can have been deleted."""
        query = sql.SQL(
            "select a.name from unnest(%s) as a (name)"
            " where exists (select from {} as r where r.account_id = a.name)"
        )
        cursor.execute(query.format(self._table(stream)), [names])
        return {name for (name,) in cursor.fetchall()}

    def _write_new(self, cursor: Cursor, stream: Stream, pieces: Iterable[bytes]) -> bool:
        """Rows that nothing can be compared with; False when one of them is there twice."""
        cursor.execute("savepoint fresh")
        try:
            _copy(cursor, self._table(stream), COLUMNS, pieces)
        except psycopg2.errors.UniqueViolation:
            cursor.execute("rollback to savepoint fresh")
            return False
        return True

    def _write_changed(self, cursor: Cursor, stream: Stream, pieces: Iterable[bytes]) -> int:
        """What is worth storing of the rows, which the table `landing` keeps until the end."""
        _copy(cursor, sql.Identifier(f"landing_{stream}"), COLUMNS, pieces)
        table = self._table(stream)
        cursor.execute(
            sql.SQL(
                "insert into {} ({}) select {} from {} as l{} where true{} on conflict do nothing"
            ).format(
                table,
                sql.SQL(", ").join(map(sql.Identifier, COLUMNS)),
                sql.SQL(", ").join(sql.Identifier("l", name) for name in COLUMNS),
                sql.Identifier(f"landing_{stream}"),
                *_worth_storing(stream, table),
            )
        )
        return cursor.rowcount

    def _bury(
        self, cursor: Cursor, streams: Sequence[Stream], absent: Iterable[tuple[Any, ...]]
    ) -> None:
        columns = ("account_id", "stream", "complete_since", "thread_id", "item_id")
        lines = ("\t".join(map(copy_field, row)) + "\n" for row in absent)
        text = "".join(lines).encode("utf-8", "replace")
        _copy(cursor, sql.Identifier("landing_absent"), columns, [text])
        bury(
            cursor,
            self._platform,
            self._window,
            {stream: self._fields[stream] for stream in streams},
            self._now,
            self._extraction_id,
        )

    def _table(self, stream: Stream) -> sql.Identifier:
        return sql.Identifier("raw", f"{self._platform}_{stream}")


def _worth_storing(stream: Stream, table: sql.Composable) -> tuple[sql.Composable, sql.Composable]:
    """(join, condition) that leave out a reading which the ledger does not want: an unchanged
    message, and a post whose age passed no step and whose answers did not move."""
    if stream == "profiles":
        return sql.SQL(""), sql.SQL("")
    last = sql.SQL(
        " left join lateral (select r.observed_at, r.answers, r.payload from {} as r"
        " where r.account_id = l.account_id and r.item_id = l.item_id"
        " order by r.scan_on desc limit 1) as last on true"
    ).format(table)
    if stream in CHANGES_ONLY:
        return last, sql.SQL(" and l.payload is distinct from last.payload")
    steps = [
        sql.SQL(
            "last.observed_at < l.created_at + {age} and l.created_at + {age} <= l.observed_at"
        ).format(age=sql.Literal(step))
        for step in AGE_STEPS
    ]
    return last, sql.SQL(
        " and (last.observed_at is null or l.created_at is null"
        " or l.answers is distinct from last.answers or {})"
    ).format(sql.SQL(" or ").join(steps))


def _copy(
    cursor: Cursor, into: sql.Composable, columns: Iterable[str], pieces: Iterable[bytes]
) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    cursor.copy_expert(sql.SQL("copy {} ({}) from stdin").format(into, names), Pieces(pieces))
