"""Alarms: what happened to an account or a platform that a person should look at.

The gates decide what may be published; an alarm decides nothing and asks for a look. Each is a row
of raw.alarms, a failing task of the DAG `watch_accounts` and a line of `klankbord status`, until
somebody acknowledges it or it is a week old.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord.alarm_rules import KINDS, LASTING, found_by
from klankbord.database import Access
from klankbord.errors import KlankbordError

NAMED = 5
#: a lasting alarm that is not seen for so long and comes back is a new one
SPELL_DAYS = 7
SHOWN_DAYS = 7


class AlarmError(KlankbordError):
    """There is something to look at."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """`account_id` is empty where the platform as a whole is meant."""

    kind: str
    platform: str
    account_id: str
    raised_on: date
    detail: str

    def __str__(self) -> str:
        return f"{self.account_id or self.platform}: {self.detail}"


def check(access: Access, kind: str, on: date, now: datetime) -> list[Alarm]:
    """Look for one kind of alarm on a day and store what is there; a second look changes nothing.

    Returns the alarms raised on that day that nobody acknowledged. KlankbordError: no such kind.
    """
    if kind not in KINDS:
        raise KlankbordError(f"No alarm is called {kind!r}: choose from {', '.join(KINDS)}.")
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        for platform, account_id, detail in found_by(cursor, kind, on, now):
            _store(cursor, Alarm(kind, platform, account_id, on, detail), now)
        return _open(cursor, [kind], on)


def enforce(access: Access, kind: str, on: date, now: datetime) -> dict[str, int]:
    """`check`, and an AlarmError that names the first of them; what a task runs."""
    raised = check(access, kind, on, now)
    if raised:
        more = f" and {len(raised) - NAMED} more" if len(raised) > NAMED else ""
        raise AlarmError(
            f"{kind}: {'; '.join(map(str, raised[:NAMED]))}{more}. Look at them, then "
            f'`klankbord alarms acknowledge {kind} --by "your name"`.'
        )
    return {"raised": 0}


def recent(access: Access, on: date) -> list[Alarm]:
    """What was seen in the last week and not acknowledged, the newest first."""
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        return _open(cursor, list(KINDS), on, SHOWN_DAYS)


def acknowledge(
    access: Access, kind: str, by: str, now: datetime, account_id: str | None = None
) -> int:
    """Somebody has looked: how many alarms that concerned. KlankbordError when there was none."""
    if not by.strip():
        raise KlankbordError('Say who has looked: --by "your name".')
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "update raw.alarms set acknowledged_at = %s, acknowledged_by = %s where kind = %s"
            " and acknowledged_at is null and (%s::text is null or account_id = %s)",
            [now, by.strip(), kind, account_id, account_id],
        )
        count = cursor.rowcount
    if not count:
        subject = f" of {account_id}" if account_id else ""
        raise KlankbordError(f"No open alarm {kind}{subject}: see `klankbord alarms list`.")
    return count


def _store(cursor: Cursor, alarm: Alarm, now: datetime) -> None:
    key = [alarm.kind, alarm.platform, alarm.account_id]
    if alarm.kind in LASTING:
        cursor.execute(
            "update raw.alarms set last_seen_on = greatest(last_seen_on, %s)"
            " where (kind, platform, account_id) = (%s, %s, %s)"
            " and last_seen_on between %s::date - %s and %s::date",
            [alarm.raised_on, *key, alarm.raised_on, SPELL_DAYS, alarm.raised_on],
        )
        if cursor.rowcount:
            return
    cursor.execute(
        "insert into raw.alarms values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
        [*key, alarm.raised_on, alarm.raised_on, alarm.detail, now],
    )


def _open(cursor: Cursor, kinds: Sequence[str], on: date, days: int = 0) -> list[Alarm]:
    """Not acknowledged, and raised on the day (days 0) or seen in the days that end with it."""
    seen = sql.Identifier("last_seen_on" if days else "raised_on")
    cursor.execute(
        sql.SQL(
            "select kind, platform, account_id, raised_on, detail from raw.alarms"
            " where kind = any(%s) and acknowledged_at is null and {} between %s::date - %s and %s"
            " order by raised_on desc, kind, platform, account_id"
        ).format(seen),
        [list(kinds), on, days, on],
    )
    return [Alarm(*row) for row in cursor.fetchall()]
