"""The books of the platforms' budgets: table raw.spending, the one place that all processes share.

What a process reserves counts as spent until it is settled, also when it was killed: nobody knows
what it had sent by then. So a budget cannot be overspent, and a kill costs at most a slice.
"""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord import settings
from klankbord.budget import MEASURES, PURPOSES, Charge, Cost, Limit, Purpose, kept_for_greater
from klankbord.database import Access

#: requests that a process reserves at once, and notes at once where nothing is limited
SLICE = 50
#: no process takes more than this part of what is left: others want some too
SHARE = 10
#: reservations of others that may still be given back
FRESH = timedelta(hours=1)


@dataclass(slots=True)
class Grant:
    """What a process may still spend for one purpose; `left` of the limited measures only."""

    slot_at: datetime
    until: datetime
    left: dict[str, Decimal]
    spent: Cost = field(default_factory=Cost)  # settled and not written yet
    pending: Cost = field(default_factory=Cost)  # sent and not settled yet
    requests: int = 0

    def pays(self, cost: Cost) -> bool:
        """Whether the request can be paid from it without a look into the books."""
        if not self.left and self.requests >= SLICE:
            return False  # nothing is limited; time to write down what was spent
        return all(left >= cost.measure(name) for name, left in self.left.items())


@dataclass(frozen=True, slots=True)
class Refusal:
    """The limit that says no. `kept`: greater purposes need what is left. `returnable`: what others
    have reserved would be enough."""

    limit: Limit
    kept: bool = False
    returnable: bool = False


class Books:
    """The rows of one platform and token, as one process (`holder`) writes them."""

    def __init__(self, access: Access, platform: str, token: str) -> None:
        self._access = access
        self._key = [platform, token]
        self._holder = str(uuid.uuid4())
        self._connection: Connection | None = None

    def reserve(
        self,
        charge: Charge,
        old: Grant | None,
        limits: Sequence[Limit],
        needs: Mapping[Purpose, Cost],
        now: datetime,
    ) -> Grant | Refusal:
        """Settle the old grant and take a new one that pays the request, in one transaction."""
        with self._open() as connection, connection.cursor() as cursor:
            cursor.execute(
                "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [" ".join(["klankbord spending", *self._key, charge.bucket])],
            )
            if old is not None:
                self._write(cursor, charge.bucket, charge.purpose, old, keep=False)
            left = self._available(cursor, charge, limits, needs, now)
            if isinstance(left, Refusal):
                return left
            grant = Grant(*_slot(now, limits), left)
            self._write(cursor, charge.bucket, charge.purpose, grant, keep=True)
            return grant

    def settle(self, grants: Mapping[tuple[str, Purpose], Grant]) -> None:
        """Write down what was spent of all grants and give back the rest."""
        with self._open() as connection, connection.cursor() as cursor:
            for (bucket, purpose), grant in sorted(grants.items()):
                self._write(cursor, bucket, purpose, grant, keep=False)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _available(
        self,
        cursor: Cursor,
        charge: Charge,
        limits: Sequence[Limit],
        needs: Mapping[Purpose, Cost],
        now: datetime,
    ) -> dict[str, Decimal] | Refusal:
        """What may be taken of each limited measure, or the limit that says no."""
        wanted: dict[str, Decimal] = {}
        for limit in limits:
            least = charge.cost.measure(limit.measure)
            if least == 0:  # what costs nothing is never refused
                wanted.setdefault(limit.measure, Decimal(0))
                continue
            used, held = self._used(cursor, charge.bucket, limit, limit.window_at(now)[0])
            left, kept = limit.amount - used - held, Decimal(0)
            if days := limit.days_left(now):
                today = self._today(cursor, charge.bucket, limit, now)
                kept = kept_for_greater(charge.purpose, limit.measure, needs, today, days)
            if left - kept < least:
                # a greater purpose may pay smaller requests from what does not pay this one
                return Refusal(limit, kept > 0, returnable=used + kept + least <= limit.amount)
            left -= kept
            share = max(least, min(least * SLICE, left / SHARE))
            wanted[limit.measure] = min(share, wanted.get(limit.measure) or share)
        return wanted

    def _used(
        self, cursor: Cursor, bucket: str, limit: Limit, start: datetime
    ) -> tuple[Decimal, Decimal]:
        """(settled, or held by a process that is long silent; held by others now) since `start`."""
        stale = datetime.now(UTC) - FRESH
        cursor.execute(
            sql.SQL(
                "select coalesce(sum({m} + case when written_at < %s then {h} else 0 end), 0),"
                " coalesce(sum(case when written_at < %s then 0 else {h} end), 0)"
                " from raw.spending where platform = %s and token = %s and bucket = %s"
                " and slot_at >= %s"
            ).format(m=sql.Identifier(limit.measure), h=sql.Identifier(f"held_{limit.measure}")),
            [stale, stale, *self._key, bucket, start],
        )
        return cursor.fetchone()

    def _today(self, cursor: Cursor, bucket: str, limit: Limit, now: datetime) -> dict[str, Cost]:
        """What each purpose had since the midnight of the limit's zone, reservations among it."""
        day = Limit(limit.platform, limit.measure, limit.amount, "day", bucket, limit.zone)
        cursor.execute(
            "select purpose, sum(calls + held_calls), sum(units + held_units), sum(usd + held_usd)"
            " from raw.spending where platform = %s and token = %s and bucket = %s"
            " and slot_at >= %s group by purpose",
            [*self._key, bucket, day.window_at(now)[0]],
        )
        return {purpose: Cost(*amounts) for purpose, *amounts in cursor.fetchall()}

    def _write(
        self, cursor: Cursor, bucket: str, purpose: Purpose, grant: Grant, *, keep: bool
    ) -> None:
        """Settle a grant in its row; `keep`: what is left of it stays reserved."""
        # a request without an answer (the process ends in between) counts as sent
        spent = grant.spent + grant.pending
        held = [grant.left.get(name, 0) if keep else 0 for name in MEASURES]
        amounts = [spent.calls, spent.units, spent.usd, *held, datetime.now(UTC)]
        cursor.execute(
            "insert into raw.spending as s values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
            " %s) on conflict (platform, token, bucket, slot_at, purpose, holder) do update set"
            " calls = s.calls + excluded.calls, units = s.units + excluded.units,"
            " usd = s.usd + excluded.usd, held_calls = excluded.held_calls,"
            " held_units = excluded.held_units, held_usd = excluded.held_usd,"
            " written_at = excluded.written_at",
            [*self._key, bucket, purpose, grant.slot_at, self._holder, *amounts],
        )

    def _open(self) -> AbstractContextManager[Connection]:
        if self._connection is None or self._connection.closed:
            self._connection = self._access.open("klankbord_loader")
        return self._connection


def _slot(now: datetime, limits: Sequence[Limit]) -> tuple[datetime, datetime]:
    """[start, end) of the row that a grant is written to: an hour, or a shorter window."""
    seconds = min([3600, *(x.window for x in limits if isinstance(x.window, int))])
    start = int(now.timestamp()) // seconds * seconds
    return datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(start + seconds, UTC)


def report(access: Access, days: int) -> list[dict[str, Any]]:
    """What was spent in the last days, by platform, token, bucket and purpose; `held_*` is what
    processes reserved and never settled (or have at this moment)."""
    columns = [*MEASURES, *(f"held_{name}" for name in MEASURES)]
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "select platform, token, bucket, purpose, {}, max(slot_at) as last_at"
                " from raw.spending where slot_at >= %s group by 1, 2, 3, 4 order by 1, 2, 3, 4"
            ).format(
                sql.SQL(", ").join(
                    sql.SQL("sum({0}) as {0}").format(sql.Identifier(name)) for name in columns
                )
            ),
            [settings.now() - timedelta(days=days)],
        )
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    order = {name: place for place, name in enumerate(PURPOSES)}
    return sorted(rows, key=lambda r: (r["platform"], r["token"], order.get(r["purpose"], 99)))


def shares(access: Access, limits: Sequence[Limit], now: datetime) -> dict[Limit, Decimal]:
    """The share of each limit that is spent or reserved in its window; of several tokens the one
    that spent most. A limit of nothing is spent."""
    found = {}
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        for limit in limits:
            cursor.execute(
                sql.SQL(
                    "select coalesce(max(used), 0) from (select sum({m} + {h}) as used"
                    " from raw.spending where platform = %s and bucket = %s and slot_at >= %s"
                    " group by token) as by_token"
                ).format(
                    m=sql.Identifier(limit.measure), h=sql.Identifier(f"held_{limit.measure}")
                ),
                [limit.platform, limit.bucket, limit.window_at(now)[0]],
            )
            used = Decimal(cursor.fetchone()[0])
            found[limit] = used / limit.amount if limit.amount else Decimal(1)
    return found
