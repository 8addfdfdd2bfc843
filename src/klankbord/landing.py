"""The only writer of schema raw: what an account yielded and how it ended commit together.

An account is landed when the outcome of each of its streams is known. Several complete accounts
share a transaction (fewer commits, same promise): a killed process loses only what it would ask
again, and two processes that read the same account land it once, because its `ok` outcome is
unique and its rows follow only the process that wrote that outcome.

While PostgreSQL takes a group, in a thread of its own, the next one is read: two groups are the
most that is in memory, and of a large account the most part waits in a file.
"""

from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from psycopg2.extensions import connection as Connection  # noqa: N812

from klankbord.landing_draft import Draft, Group
from klankbord.landing_rows import Lines, Rows
from klankbord.landing_writer import Writer
from klankbord.platforms.base import FieldRules, Window
from klankbord.platforms.events import (
    Deleted,
    Event,
    Item,
    MetricRefused,
    Outcome,
    Stream,
    ThreadRead,
)
from klankbord.privacy import Minimiser, is_unwanted
from klankbord.privacy_keys import Keyring

ACCOUNTS_PER_COMMIT = 25
ITEMS_PER_COMMIT = 5_000


@dataclass(slots=True)
class Landed:
    """Counts of one extraction: accounts by outcome reason ('' is ok), rows by stream."""

    accounts: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)


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
        key: str | Keyring,
        run_id: str,
        now: datetime,
    ) -> None:
        self.summary = Landed()
        self._writer = Writer(
            connection, platform, window, fields=fields, key=key, run_id=run_id, now=now
        )
        self.extraction_id = self._writer.extraction_id
        self._lines = Lines(window.scan_on, now, self.extraction_id)
        self._platform = platform
        self._streams = {name: frozenset(wanted) for name, wanted in streams.items()}
        self._minimisers = {s: Minimiser(rules, platform, key) for s, rules in fields.items()}
        self._key = key
        self._drafts: dict[str, Draft] = {}
        self._complete: list[tuple[str, Draft]] = []
        self._items = 0
        self._thread = ThreadPoolExecutor(1, "landing")
        self._writing: Future[None] | None = None

    def add(self, event: Event) -> None:
        """Take an event; lands a group of accounts when enough of them are complete."""
        draft = self._drafts.get(event.account_id)
        if draft is None:
            draft = self._drafts[event.account_id] = Draft()
        match event:
            case Item():
                self._keep(draft, event)
            case ThreadRead():
                draft.threads.append(event.thread_id)
            case Deleted():
                draft.deleted.append((event.stream, event.item_id))
            case MetricRefused():
                draft.refused[event.metric] = event.detail
            case Outcome():
                draft.outcomes[event.stream] = event
                if draft.outcomes.keys() >= self._streams[event.account_id]:
                    self._finish(event.account_id)

    def _keep(self, draft: Draft, item: Item) -> None:
        if not item.is_own and is_unwanted(item, self._platform, self._key):
            return
        item_id, payload = self._minimisers[item.stream].minimise(item)
        rows = draft.rows.get(item.stream)
        if rows is None:
            rows = draft.rows[item.stream] = Rows()
        rows.add(self._lines.line(item, item_id, payload))

    def _finish(self, account_id: str) -> None:
        draft = self._drafts.pop(account_id)
        self._complete.append((account_id, draft))
        self._items += sum(rows.count for rows in draft.rows.values())
        if len(self._complete) >= ACCOUNTS_PER_COMMIT or self._items >= ITEMS_PER_COMMIT:
            self._hand_over()

    def forget(self, account_id: str) -> None:
        """Drop what an incomplete account has yielded: it is read again, or given up."""
        self._drafts.pop(account_id, None)

    def flush(self) -> None:
        """Land all complete accounts, and wait until they are."""
        self._hand_over()
        self._wait()

    def close(self, request_count: int) -> None:
        """Land what is complete and note what the extraction cost in requests.

        An extraction that asked nothing leaves no trace: a rerun changes nothing.
        """
        self.flush()
        self._thread.shutdown()
        if request_count or self._writer.is_registered:
            self._writer.note(request_count)

    def _hand_over(self) -> None:
        """Let the complete accounts be landed; an error of the group before is raised here."""
        self._wait()
        if self._complete:
            # one order for all processes, so that two of them never wait for each other
            group = sorted(self._complete, key=lambda pair: pair[0])
            self._complete, self._items = [], 0
            self._writing = self._thread.submit(self._land, group)

    def _wait(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()

    def _land(self, group: Group) -> None:
        stored = self._writer.write(group)
        for stream, count in stored.items():
            self.summary.rows[stream] = self.summary.rows.get(stream, 0) + count
        self.summary.accounts += len(group)
        for _, draft in group:
            for outcome in draft.outcomes.values():
                reasons = self.summary.reasons
                reasons[outcome.reason] = reasons.get(outcome.reason, 0) + 1
