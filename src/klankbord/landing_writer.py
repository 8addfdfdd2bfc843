"""How a group of complete accounts gets into schema raw: in one transaction, or not at all."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from klankbord.landing_rows import COLUMNS, Pieces, Rows
from klankbord.landing_rows import field as copy_field
from klankbord.platforms.base import FieldRules, Outcome, Stream, Window
from klankbord.platforms.ledger import AGE_STEPS
from klankbord.privacy_keys import Keyring, hold
from klankbord.tombstones import bury

#: streams in which an unchanged item is not stored again
CHANGES_ONLY: frozenset[Stream] = frozenset({"messages", "insights"})
#: a row of `landing` says by its table of which stream it is
STREAMS: tuple[Stream, ...] = ("profiles", "posts", "messages", "insights")


@dataclass(slots=True)
class Draft:
    """What an account has yielded so far."""

    rows: dict[Stream, Rows] = field(default_factory=dict)
    outcomes: dict[Stream, Outcome] = field(default_factory=dict)
    threads: list[str] = field(default_factory=list)
    deleted: list[tuple[Stream, str]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def count(self, stream: Stream) -> int:
        """Its rows of a stream."""
        return self.rows[stream].count if stream in self.rows else 0

    def absent(self, account_id: str, stream: Stream) -> Iterator[tuple[Any, ...]]:
        """Where the answers were complete: what is known there and did not come is gone."""
        since = self.outcomes[stream].complete_since
        if since:
            yield account_id, stream, since, None, None
        for of, item_id in self.deleted:
            if of == stream:
                yield account_id, stream, None, None, item_id
        if stream == "messages":
            for thread_id in self.threads:
                yield account_id, stream, None, thread_id, None


Group = Sequence[tuple[str, Draft]]


class Writer:
    """Writes groups of accounts over one connection, one group after the other."""

    def __init__(
        self,
        connection: Connection,
        platform: str,
        window: Window,
        *,
        fields: Mapping[Stream, FieldRules],
        key: str | Keyring,
        run_id: str,
        now: datetime,
    ) -> None:
        self.extraction_id = str(uuid.uuid4())
        self.is_registered = False
        self._connection = connection
        self._platform = platform
        self._window = window
        self._fields = fields
        self._key = key
        self._run_id = run_id
        self._now = now

    def write(self, group: Group) -> dict[Stream, int]:
        """Land a group in one transaction; how many rows of each stream were worth storing."""
        with self._connection, self._connection.cursor() as cursor:
            hold(cursor, self._platform, self._key)
            self._register(cursor)
            accepted = self._write_outcomes(cursor, group)
            self._write_refusals(cursor, group)
            return self._write_rows(cursor, group, accepted)

    def note(self, request_count: int) -> None:
        """What the extraction cost in requests."""
        with self._connection, self._connection.cursor() as cursor:
            self._register(cursor)
            cursor.execute(
                "update raw.extractions set request_count = %s where extraction_id = %s",
                [request_count, self.extraction_id],
            )

    def _register(self, cursor: Cursor) -> None:
        if self.is_registered:
            return
        cursor.execute(
            "insert into raw.extractions values (%s, %s, %s, %s, %s, 0) on conflict do nothing",
            [self.extraction_id, self._platform, self._window.scan_on, self._now, self._run_id],
        )
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
        self.is_registered = True

    def _write_refusals(self, cursor: Cursor, group: Group) -> None:
        """The metrics that the platform would not give; in one order for all processes."""
        refused = {metric: detail for _, draft in group for metric, detail in draft.refused.items()}
        if refused:
            day = self._window.scan_on
            execute_values(
                cursor,
                "insert into raw.metric_refusals as r values %s"
                " on conflict (platform, metric_name) do update set detail = excluded.detail,"
                " first_seen_on = least(r.first_seen_on, excluded.first_seen_on),"
                " last_seen_on = greatest(r.last_seen_on, excluded.last_seen_on)",
                [(self._platform, name, day, day, refused[name]) for name in sorted(refused)],
            )

    def _write_outcomes(self, cursor: Cursor, group: Group) -> set[tuple[str, Stream]]:
        """The (account, stream) pairs whose `ok` is ours; refusals and failures are counted."""
        ok, not_ok = [], []
        for account_id, draft in group:
            for stream, outcome in sorted(draft.outcomes.items()):
                row = (
                    account_id,
                    self._platform,
                    stream,
                    self._window.scan_on,
                    outcome.status,
                    outcome.reason,
                    outcome.detail,
                    _counted(outcome, draft.count(stream)),
                    self._window.since,
                    self._window.until,
                    1,
                    self._now,
                    self.extraction_id,
                    outcome.observed_since,
                    outcome.observed_until,
                )
                (ok if outcome.status == "ok" else not_ok).append(row)
        accepted: list[tuple[str, Stream]] = []
        if ok:
            accepted = execute_values(
                cursor,
                "insert into raw.outcomes values %s on conflict do nothing"
                " returning account_id, stream",
                ok,
                fetch=True,
            )
        if not_ok:
            execute_values(
                cursor,
                "insert into raw.outcomes as o values %s"
                " on conflict (account_id, stream, scan_on, window_since, status, reason)"
                " do update set"
                " attempts = o.attempts + 1, detail = excluded.detail,"
                " attempted_at = excluded.attempted_at, extraction_id = excluded.extraction_id",
                not_ok,
            )
        return {(account_id, stream) for account_id, stream in accepted}

    def _write_rows(
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
            self.extraction_id,
        )

    def _table(self, stream: Stream) -> sql.Identifier:
        return sql.Identifier("raw", f"{self._platform}_{stream}")


def _counted(outcome: Outcome, yielded: int) -> int:
    if outcome.status != "ok":
        return 0
    return yielded if outcome.row_count is None else outcome.row_count


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
