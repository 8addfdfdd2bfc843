"""The only writer of schema raw: what an account yielded and how it ended commit together.

An account is landed when the outcome of each of its streams is known. Several complete accounts
share a transaction (fewer commits, same promise): a killed process loses only what it would ask
again, and two processes that read the same account land it once, because its `ok` outcome is
unique and its rows follow only the process that wrote that outcome.
"""

import csv
import io
import json
import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from klankbord.platforms.base import (
    Deleted,
    Event,
    FieldRules,
    Item,
    Outcome,
    Stream,
    ThreadRead,
    Window,
)
from klankbord.platforms.ledger import AGE_STEPS
from klankbord.privacy import minimise
from klankbord.tombstones import bury

ACCOUNTS_PER_COMMIT = 25
ITEMS_PER_COMMIT = 5_000
#: streams in which an unchanged item is not stored again
CHANGES_ONLY: frozenset[Stream] = frozenset({"messages", "insights"})
#: jsonb takes no NUL; an escaped backslash before u0000 is text and stays
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


@dataclass(slots=True)
class Landed:
    """Counts of one extraction: accounts by outcome reason ('' is ok), rows by stream."""

    accounts: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Draft:
    rows: dict[Stream, list[tuple[Any, ...]]] = field(default_factory=dict)
    outcomes: dict[Stream, Outcome] = field(default_factory=dict)
    threads: list[str] = field(default_factory=list)
    deleted: list[tuple[Stream, str]] = field(default_factory=list)


class Landing:
    """Collects a connector's events and lands each account when it is complete: when the outcome
    of each of its `streams` (by account_id) is known."""

    def __init__(
        self,
        connection: Connection,
        platform: str,
        window: Window,
        *,
        streams: Mapping[str, Collection[Stream]],
        fields: Mapping[Stream, FieldRules],
        key: str,
        run_id: str,
        now: datetime,
    ) -> None:
        self.summary = Landed()
        self.extraction_id = str(uuid.uuid4())
        self._connection = connection
        self._platform = platform
        self._window = window
        self._streams = {name: frozenset(wanted) for name, wanted in streams.items()}
        self._fields = fields
        self._key = key
        self._run_id = run_id
        self._now = now
        self._drafts: dict[str, _Draft] = {}
        self._complete: list[tuple[str, _Draft]] = []
        self._items = 0
        self._registered = False

    def add(self, event: Event) -> None:
        """Take an event; lands a group of accounts when enough of them are complete."""
        draft = self._drafts.setdefault(event.account_id, _Draft())
        match event:
            case Item():
                draft.rows.setdefault(event.stream, []).append(self._row(event))
            case ThreadRead():
                draft.threads.append(event.thread_id)
            case Deleted():
                draft.deleted.append((event.stream, event.item_id))
            case Outcome():
                draft.outcomes[event.stream] = event
                if draft.outcomes.keys() >= self._streams[event.account_id]:
                    self._finish(event.account_id)

    def _finish(self, account_id: str) -> None:
        draft = self._drafts.pop(account_id)
        self._complete.append((account_id, draft))
        self._items += sum(map(len, draft.rows.values()))
        if len(self._complete) >= ACCOUNTS_PER_COMMIT or self._items >= ITEMS_PER_COMMIT:
            self.flush()

    def _row(self, item: Item) -> tuple[Any, ...]:
        rules = self._fields[item.stream]
        item_id, payload = minimise(item, rules, self._platform, self._key)
        return item_id, self._now, item.created_at, item.answers, item.thread_id, to_json(payload)

    def forget(self, account_id: str) -> None:
        """Drop what an incomplete account has yielded: it is read again, or given up."""
        self._drafts.pop(account_id, None)

    def flush(self) -> None:
        """Land all complete accounts in one transaction."""
        if not self._complete:
            return
        # one order for all processes, so that two of them never wait for each other
        group = sorted(self._complete, key=lambda pair: pair[0])
        with self._connection, self._connection.cursor() as cursor:
            self._register(cursor)
            accepted = self._write_outcomes(cursor, group)
            self._write_rows(cursor, group, accepted)
            bury(cursor, self._platform, self._window, self._fields, self._now, self.extraction_id)
        self._complete, self._items = [], 0
        self.summary.accounts += len(group)
        for _, draft in group:
            for outcome in draft.outcomes.values():
                reasons = self.summary.reasons
                reasons[outcome.reason] = reasons.get(outcome.reason, 0) + 1

    def close(self, request_count: int) -> None:
        """Land what is complete and note what the extraction cost in requests.

        An extraction that asked nothing leaves no trace: a rerun changes nothing.
        """
        self.flush()
        if not request_count and not self._registered:
            return
        with self._connection, self._connection.cursor() as cursor:
            self._register(cursor)
            cursor.execute(
                "update raw.extractions set request_count = %s where extraction_id = %s",
                [request_count, self.extraction_id],
            )

    def _register(self, cursor: Cursor) -> None:
        if not self._registered:
            cursor.execute(
                "insert into raw.extractions values (%s, %s, %s, %s, %s, 0) on conflict do nothing",
                [self.extraction_id, self._platform, self._window.scan_on, self._now, self._run_id],
            )
            cursor.execute(
                "create temporary table if not exists landing (account_id text, stream text,"
                " item_id text, observed_at timestamptz, created_at timestamptz, answers integer,"
                " thread_id text, payload jsonb) on commit delete rows"
            )
            cursor.execute(
                "create temporary table if not exists landing_absent (account_id text, stream text,"
                " complete_since timestamptz, thread_id text, item_id text) on commit delete rows"
            )
            self._registered = True

    def _write_outcomes(
        self, cursor: Cursor, group: list[tuple[str, _Draft]]
    ) -> set[tuple[str, str]]:
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
                    len(draft.rows.get(stream, [])) if outcome.status == "ok" else 0,
                    self._window.since,
                    self._window.until,
                    1,
                    self._now,
                    self.extraction_id,
                )
                (ok if outcome.status == "ok" else not_ok).append(row)
        accepted = (
            execute_values(
                cursor,
                "insert into raw.outcomes values %s on conflict do nothing"
                " returning account_id, stream",
                ok,
                fetch=True,
            )
            if ok
            else []
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
        return {tuple(pair) for pair in accepted}

    def _write_rows(
        self, cursor: Cursor, group: list[tuple[str, _Draft]], accepted: set[tuple[str, str]]
    ) -> None:
        rows, absent = [], []
        for account_id, draft in group:
            for stream, outcome in draft.outcomes.items():
                if (account_id, stream) not in accepted:
                    continue
                rows += ((account_id, stream, *row) for row in draft.rows.get(stream, ()))
                if outcome.complete_since:
                    absent.append((account_id, stream, outcome.complete_since, None, None))
                absent += (
                    (account_id, stream, None, None, item_id)
                    for of, item_id in draft.deleted
                    if of == stream
                )
                if stream == "messages":
                    absent += ((account_id, stream, None, name, None) for name in draft.threads)
        _copy(cursor, "landing", rows)
        _copy(cursor, "landing_absent", absent)
        for stream in sorted({stream for _, stream in accepted}):
            table = sql.Identifier("raw", f"{self._platform}_{stream}")
            cursor.execute(
                sql.SQL(
                    "insert into {} (account_id, item_id, scan_on, observed_at, created_at,"
                    " answers, thread_id, payload, extraction_id)"
                    " select l.account_id, l.item_id, %s,"
                    " l.observed_at, l.created_at, l.answers, l.thread_id, l.payload, %s"
                    " from landing as l{} where l.stream = %s{} on conflict do nothing"
                ).format(table, *_worth_storing(stream, table)),
                [self._window.scan_on, self.extraction_id, stream],
            )
            stored = self.summary.rows
            stored[stream] = stored.get(stream, 0) + cursor.rowcount


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


def _copy(cursor: Cursor, table: str, rows: list[tuple[Any, ...]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    buffer.seek(0)
    cursor.copy_expert(
        sql.SQL("copy {} from stdin with (format csv)").format(sql.Identifier(table)), buffer
    )


def to_json(payload: Mapping[str, Any]) -> str:
    """JSON that jsonb accepts: no NUL character, no half of a surrogate pair."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return _NUL.sub(r"\1", text.encode("utf-8", "replace").decode())
