"""What an owner allowed: the effective access tier of an account, and the end of a consent.

Owner data (T3) is read only while a consent is in force. A consent ends on the `withdrawn_on` of
register/<country>/consents.csv, or at once by `klankbord consent withdraw`, which writes into the
warehouse (register.withdrawals), not into a file that people edit, that lies in git or that a
container cannot write. It outvotes every consent granted on that day or before. With the consent
goes what was collected under it: rows, quarantined rows, imports, tombstones.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, get_args

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord import privacy_keys
from klankbord.database import Access
from klankbord.errors import KlankbordError
from klankbord.privacy_rows import record
from klankbord.register.model import ConsentScope

SCOPES: tuple[str, ...] = get_args(ConsentScope)
#: scope -> the streams that rest on it; tiers add up, so without messages there are no insights
STREAMS: Mapping[str, tuple[str, ...]] = {
    "insights": ("insights",),
    "messages": ("messages", "insights"),
    "posts": ("posts", "messages", "insights"),
}
#: tables with `account_id` that are filled from what owners hand over; they go with insights
OWNER_TABLES = ("import_insights",)

#: Each scope of each account on a day: in force, or withdrawn, with the latest word of both the
#: register and the command line. `%(on)s` is the day.
STATES = """
consent_rows as (
    select c.account_id, c.scope, c.granted_on, c.token_expires_on,
        least(c.withdrawn_on, min(w.withdrawn_on)) as withdrawn_on
    from register.consents as c
    left join register.withdrawals as w
        on c.account_id = w.account_id and c.scope = w.scope and w.withdrawn_on >= c.granted_on
        and w.withdrawn_on <= %(on)s
    where c.superseded_at is null
    group by c.account_id, c.scope, c.granted_on, c.withdrawn_on, c.token_expires_on
),
consent_states as (
    select account_id, scope,
        bool_or(granted_on <= %(on)s and (withdrawn_on is null or withdrawn_on > %(on)s))
            as is_in_force,
        bool_or(withdrawn_on <= %(on)s) as was_withdrawn,
        max(withdrawn_on) filter (where withdrawn_on <= %(on)s) as withdrawn_on,
        max(token_expires_on) filter (
            where granted_on <= %(on)s and (withdrawn_on is null or withdrawn_on > %(on)s)
        ) as token_expires_on
    from (
        select * from consent_rows
        -- a withdrawal without a line in the file holds all the same
        union all
        select account_id, scope, withdrawn_on, null, withdrawn_on from register.withdrawals
        where withdrawn_on <= %(on)s
    ) as words
    group by account_id, scope
)"""

#: Nobody is there to consent to the reading of an invented account, but all can be withdrawn.
#: The tier of `a` (register.accounts) that holds on the day: joins `consent_caps as c`.
CAPS = f"""{STATES},
consent_caps as (
    select account_id,
        bool_or(scope = 'insights' and is_in_force) as has_insights,
        min(case when was_withdrawn and not is_in_force then
            case scope when 'insights' then 'T2' when 'messages' then 'T1' else 'T0' end
        end) as most
    from consent_states group by account_id
)"""  # noqa: S608
EFFECTIVE_TIER = """least(
    case when a.access_tier = 'T3' and not a.is_synthetic and not coalesce(c.has_insights, false)
        then 'T2' else a.access_tier end,
    coalesce(c.most, 'T3'))"""


class ConsentError(KlankbordError):
    """A consent that is not there, or a scope that does not exist."""


@dataclass(frozen=True, slots=True)
class State:
    """One scope of an account on a day."""

    account_id: str
    platform: str
    scope: str
    is_in_force: bool
    withdrawn_on: date | None
    token_expires_on: date | None


def states(access: Access, on: date, account_id: str | None = None) -> list[State]:
    """Every scope of every account that anybody spoke of, as it is on a day."""
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            f"with {STATES} select s.account_id, coalesce((select min(a.platform)"  # noqa: S608
            " from register.accounts as a where a.account_id = s.account_id), ''), s.scope,"
            " s.is_in_force, case when not s.is_in_force then s.withdrawn_on end,"
            " s.token_expires_on from consent_states as s"
            " where %(account)s is null or s.account_id = %(account)s order by 1, 3",
            {"on": on, "account": account_id},
        )
        return [State(*row) for row in cursor.fetchall()]


def tokens(access: Access, on: date) -> Iterator[tuple[str, str, date | None]]:
    """(account_id, platform, the day on which its token expires) of accounts with a consent in
    force."""
    soonest: dict[tuple[str, str], date | None] = {}
    for state in states(access, on):
        if state.is_in_force and state.platform:
            key = (state.account_id, state.platform)
            days = [d for d in (soonest.get(key), state.token_expires_on) if d]
            soonest[key] = min(days) if days else None
    yield from ((*key, day) for key, day in soonest.items())


def effective_tier(access: Access, account_id: str, on: date) -> str:
    """What may be read of an account on a day; raises ConsentError for an unknown account."""
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            f"with {CAPS} select {EFFECTIVE_TIER} from register.accounts as a"  # noqa: S608
            " left join consent_caps as c on a.account_id = c.account_id"
            " where a.account_id = %(account)s and a.superseded_at is null"
            " and (a.valid_from is null or a.valid_from <= %(on)s)"
            " and (a.valid_to is null or %(on)s < a.valid_to)",
            {"on": on, "account": account_id},
        )
        row = cursor.fetchone()
    if row is None:
        raise ConsentError(f"The register has no account {account_id!r} valid on {on}.")
    return row[0]


def withdraw(
    access: Access, account_id: str, now: datetime, today: date, scopes: Sequence[str] = ()
) -> dict[str, int]:
    """End consents of an account today (all that are in force, or the scopes given) and remove what
    rests on them, in one transaction. Gives rows by table; twice changes nothing."""
    for scope in scopes:
        if scope not in SCOPES:
            raise ConsentError(f"{scope!r} is no scope: choose {', '.join(SCOPES)}.")
    known = states(access, today, account_id)
    wanted = list(scopes) or [s.scope for s in known]
    if not wanted:
        raise ConsentError(
            f"No consent of {account_id!r} is known: name what is withdrawn with --scope "
            f"({', '.join(SCOPES)}), or correct the account."
        )
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        platform = _platform(cursor, account_id)
        privacy_keys.alone(cursor)
        cursor.executemany(
            "insert into register.withdrawals values (%s, %s, %s, %s) on conflict do nothing",
            [(account_id, scope, today, now) for scope in wanted],
        )
        is_new = any(s.is_in_force for s in known if s.scope in wanted)
        return _apply(cursor, today, now, account_id, platform, is_new=is_new)


def apply_withdrawals(access: Access, now: datetime, today: date) -> dict[str, dict[str, int]]:
    """Remove what rests on consents that ended by the register's files (or from the command line,
    where a kill came in between). account_id -> rows by table; nothing when nothing was left."""
    ended = {s.account_id for s in states(access, today) if s.withdrawn_on}
    done = {}
    for account_id in sorted(ended):
        with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            privacy_keys.alone(cursor)
            rows = _apply(cursor, today, now, account_id, _platform(cursor, account_id))
            if rows:
                done[account_id] = rows
    return done


def _platform(cursor: Cursor, account_id: str) -> str:
    cursor.execute(
        "select platform from register.accounts where account_id = %s"
        " order by superseded_at is null desc limit 1",
        [account_id],
    )
    if (row := cursor.fetchone()) is None:
        raise ConsentError(f"The register has no account {account_id!r}: correct it.")
    return row[0]


def _apply(
    cursor: Cursor,
    today: date,
    now: datetime,
    account_id: str,
    platform: str,
    *,
    is_new: bool = False,
) -> dict[str, int]:
    """Remove the rows of withdrawn scopes; their `ok` outcomes become `refused`, so that a figure
    is missing with its reason and not a zero. A withdrawal that is new is noted also where nothing
    was there yet: an extraction that runs must not land what it has in its hands."""
    cursor.execute(
        f"with {STATES} select scope from consent_states"  # noqa: S608
        " where account_id = %(account)s and was_withdrawn and not is_in_force",
        {"on": today, "account": account_id},
    )
    scopes = [scope for (scope,) in cursor.fetchall()]
    streams = sorted({stream for scope in scopes for stream in STREAMS[scope]})
    rows: dict[str, int] = {}

    def run(table: str, statement: str, values: Mapping[str, Any]) -> None:
        cursor.execute("select to_regclass(%s) is not null", [table])
        if cursor.fetchone()[0]:
            schema, name = table.split(".")
            cursor.execute(
                sql.SQL(statement).format(sql.Identifier(schema, name)),
                {"account": account_id, "streams": streams, **values},
            )
            if cursor.rowcount:
                rows[table] = rows.get(table, 0) + cursor.rowcount

    for stream in streams:
        run(f"raw.{platform}_{stream}", "delete from {} where account_id = %(account)s", {})
        run(
            "quarantine.rows",
            "delete from {} where subject = %(account)s and table_name = %(table)s",
            {"table": f"raw.{platform}_{stream}"},
        )
    if streams:
        run(
            "raw.tombstones",
            "delete from {} where account_id = %(account)s and stream = any(%(streams)s)",
            {},
        )
        for name in OWNER_TABLES:
            run(f"raw.{name}", "delete from {} where account_id = %(account)s", {})
        # else the same file could never be loaded again
        run("raw.import_files", "delete from {} where account_ids <@ array[%(account)s]", {})
        rows |= _refuse(cursor, account_id, streams)
    if rows or is_new:
        record(cursor, "withdrawal", now, rows, platform=platform, asked_by="organisation")
    return rows


def _refuse(cursor: Cursor, account_id: str, streams: Sequence[str]) -> dict[str, int]:
    cursor.execute(
        "with gone as (delete from raw.outcomes where account_id = %s and stream = any(%s)"
        " and status = 'ok' returning *),"
        " said as (select distinct on (stream, scan_on, window_since) * from gone"
        " order by stream, scan_on, window_since, attempted_at desc)"
        " insert into raw.outcomes as o select account_id, platform, stream, scan_on, 'refused',"
        " 'consent_withdrawn', 'The owner withdrew the consent; what rested on it was removed.',"
        " 0, window_since, window_until, 1, attempted_at, extraction_id from said"
        " on conflict do nothing",
        [account_id, list(streams)],
    )
    return {"raw.outcomes": cursor.rowcount} if cursor.rowcount else {}
