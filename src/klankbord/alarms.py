"""Alarms: what happened to an account or a platform that a person should look at.

The gates decide what may be published; an alarm decides nothing and asks for a look. Each is a row
of raw.alarms, a failing task of the DAG `watch_accounts` and a line of `klankbord status`, until
somebody acknowledges it. A state that is over, and an event of more than a week ago, is open no
more; their rows stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord.alarm_base import LOOK_BACK_DAYS, Found
from klankbord.alarm_rules import EVENTS, KINDS, SAID_IN_DETAIL, found_by
from klankbord.database import Access
from klankbord.errors import KlankbordError
from klankbord.settings import LOCAL_ZONE
from klankbord.tokens import TokenSource, owner_token

NAMED = 5

#: Somebody should still look at it; a state that nobody looked at and that comes back within a week
#: is the same alarm.
_OPEN = (
    "acknowledged_at is null and raised_on <= %(on)s and case when kind = any(%(events)s)"
    " then raised_on > %(on)s::date - %(days)s else ended_on is null end"
)
_HOLD = """
with found as (
    select * from unnest(%(platforms)s::text[], %(accounts)s::text[], %(details)s::text[])
        as f (platform, account_id, detail)
),
held as (
    update raw.alarms as a
    set last_seen_on = greatest(a.last_seen_on, %(on)s), ended_on = null, detail = f.detail
    from found as f
    where a.kind = %(kind)s and a.platform = f.platform and a.account_id = f.account_id
        and (
            a.ended_on is null
            or (a.acknowledged_at is null and a.last_seen_on > %(on)s::date - %(days)s)
        )
        and (a.detail = f.detail or not %(is_said)s)
    returning a.platform, a.account_id
)
insert into raw.alarms as a (
    kind, platform, account_id, raised_on, last_seen_on, detail, noticed_at
)
select %(kind)s, platform, account_id, %(on)s, %(on)s, detail, %(now)s
from found
where (platform, account_id) not in (select platform, account_id from held)
on conflict (kind, platform, account_id, raised_on) do update
set ended_on = null, detail = excluded.detail,
    acknowledged_at = case when a.detail = excluded.detail then a.acknowledged_at end,
    acknowledged_by = case when a.detail = excluded.detail then a.acknowledged_by end"""
_END = """
update raw.alarms as a set ended_on = %(on)s
where a.kind = %(kind)s and a.ended_on is null and not exists (
    select 1
    from unnest(%(platforms)s::text[], %(accounts)s::text[], %(details)s::text[])
        as f (platform, account_id, detail)
    where f.platform = a.platform and f.account_id = a.account_id
        and (f.detail = a.detail or not %(is_said)s)
)"""
_NOTE = """
insert into raw.alarms (
    kind, platform, account_id, raised_on, last_seen_on, detail, noticed_at
)
select %(kind)s, platform, account_id, happened_on, happened_on, detail, %(now)s
from unnest(
    %(platforms)s::text[], %(accounts)s::text[], %(details)s::text[], %(days_of)s::date[]
) as f (platform, account_id, detail, happened_on)
on conflict do nothing"""


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
        return f"{self.account_id or self.platform}: {self.detail.rstrip('.')}"


def check(
    access: Access, kind: str, now: datetime, source: TokenSource = owner_token
) -> list[Alarm]:
    """Look for one kind of alarm and store what is there; a second look changes nothing.

    `source`: where owners' tokens come from, which may say themselves when they end. Returns the
    open alarms of the kind, old ones too. KlankbordError: no such kind.
    """
    if kind not in KINDS:
        raise KlankbordError(f"No alarm is called {kind!r}: choose from {', '.join(KINDS)}.")
    on = now.astimezone(LOCAL_ZONE).date()
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        # what was landed a minute ago has no statistics yet, and all of it is joined
        cursor.execute("set local enable_nestloop = off")
        _store(cursor, kind, list(found_by(access, cursor, kind, now, source)), now)
        return _open(cursor, [kind], on)


def enforce(
    access: Access, kind: str, now: datetime, source: TokenSource = owner_token
) -> dict[str, int]:
    """`check`, and an AlarmError that names the first of the open ones; what a task runs."""
    opened = check(access, kind, now, source)
    if opened:
        more = f" and {len(opened) - NAMED} more" if len(opened) > NAMED else ""
        raise AlarmError(
            f"{kind} ({KINDS[kind]}): {'; '.join(map(str, opened[:NAMED]))}{more}. What to do: "
            f"docs/runbooks/alarms.md; then `klankbord alarms acknowledge {kind} --by NAME` and "
            "clear this task."
        )
    return {"open": 0}


def look(access: Access, now: datetime) -> list[Alarm]:
    """`check` every kind; what is `waiting` then."""
    for kind in KINDS:
        check(access, kind, now)
    return waiting(access, now)


def waiting(access: Access, now: datetime) -> list[Alarm]:
    """What nobody has looked at yet, of all kinds, the newest first."""
    on = now.astimezone(LOCAL_ZONE).date()
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        return _open(cursor, list(KINDS), on)


def acknowledge(
    access: Access, kind: str, by: str, now: datetime, subject: str | None = None
) -> int:
    """Somebody has looked: how many open alarms that concerned. `subject`: an account_id, or the
    platform of an alarm about all of it. KlankbordError when there was none."""
    if kind not in KINDS:
        raise KlankbordError(f"No alarm is called {kind!r}: choose from {', '.join(KINDS)}.")
    if not by.strip():
        raise KlankbordError("Say who has looked: --by NAME.")
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "update raw.alarms set acknowledged_at = %(now)s, acknowledged_by = %(by)s"  # noqa: S608
            f" where kind = %(kind)s and {_OPEN} and (%(subject)s::text is null"
            " or coalesce(nullif(account_id, ''), platform) = %(subject)s)",
            {
                **_when(now.astimezone(LOCAL_ZONE).date()),
                "kind": kind,
                "now": now,
                "by": by.strip(),
                "subject": subject,
            },
        )
        count = cursor.rowcount
    if not count:
        of = f" of {subject}" if subject else ""
        raise KlankbordError(f"No open alarm {kind}{of}: see `klankbord alarms list`.")
    return count


def _store(cursor: Cursor, kind: str, found: Sequence[Found], now: datetime) -> None:
    values = {
        "kind": kind,
        "platforms": [each.platform for each in found],
        "accounts": [each.account_id for each in found],
        "details": [each.detail for each in found],
        "days_of": [each.on for each in found],
        "on": now.astimezone(LOCAL_ZONE).date(),
        "now": now,
        "days": LOOK_BACK_DAYS,
        "is_said": kind in SAID_IN_DETAIL,
    }
    if kind in EVENTS:
        cursor.execute(_NOTE, values)
    else:
        cursor.execute(_HOLD, values)
        cursor.execute(_END, values)


def _open(cursor: Cursor, kinds: Sequence[str], on: date) -> list[Alarm]:
    cursor.execute(
        "select kind, platform, account_id, raised_on, detail from raw.alarms"  # noqa: S608
        f" where kind = any(%(kinds)s) and {_OPEN}"
        " order by raised_on desc, kind, platform, account_id",
        {**_when(on), "kinds": list(kinds)},
    )
    return [Alarm(*row) for row in cursor.fetchall()]


def _when(on: date) -> dict[str, object]:
    return {"on": on, "events": sorted(EVENTS), "days": LOOK_BACK_DAYS}
