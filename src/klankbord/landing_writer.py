"""How a group of complete accounts gets into schema raw: in one transaction, or not at all."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from klankbord.landing_draft import Group
from klankbord.landing_store import Store
from klankbord.platforms.base import FieldRules, Window
from klankbord.platforms.events import Outcome, Stream
from klankbord.privacy_keys import Keyring, hold


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
        self._key = key
        self._run_id = run_id
        self._now = now
        self._store = Store(platform, window, fields, self.extraction_id, now)

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
        self._store.prepare(cursor)
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
        return self._store.write(cursor, group, accepted)


def _counted(outcome: Outcome, yielded: int) -> int:
    if outcome.status != "ok":
        return 0
    return yielded if outcome.row_count is None else outcome.row_count
