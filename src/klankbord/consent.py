"""What an owner allowed: the effective access tier of an account, and the end of a consent.

Owner data (T3) is read only while a consent is in force. A consent ends on the `withdrawn_on` of
register/<country>/consents.csv, or at once by `klankbord consent withdraw`, which writes into the
warehouse (register.withdrawals), not into a file that people edit, that lies in git or that a
container cannot write. It outvotes every consent granted on that day or before. With the consent
goes what was collected under it: rows, quarantined rows, imports, tombstones.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord import privacy_keys
from klankbord.consent_states import (
    CAPS,
    EFFECTIVE_TIER,
    SCOPES,
    STATES,
    ConsentError,
    effective_tier,
    states,
    tokens,
)
from klankbord.database import Access
from klankbord.privacy_rows import record

__all__ = [
    "CAPS",
    "EFFECTIVE_TIER",
    "SCOPES",
    "ConsentError",
    "apply_withdrawals",
    "effective_tier",
    "states",
    "tokens",
    "withdraw",
]

#: scope -> the streams that rest on it; tiers add up, so without messages there are no insights
STREAMS: Mapping[str, tuple[str, ...]] = {
    "insights": ("insights",),
    "messages": ("messages", "insights"),
    "posts": ("posts", "messages", "insights"),
}
#: tables with `account_id` that are filled from what owners hand over; they go with insights
OWNER_TABLES = ("import_insights",)
#: what only owners let us see of rows that stay without them: table -> the key of its payload
OWNER_KEYS = {"facebook_messages": "user_likes"}


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
        for name, key in OWNER_KEYS.items():
            run(
                f"raw.{name}",
                "update {} set payload = payload - %(key)s"
                " where account_id = %(account)s and payload ? %(key)s",
                {"key": key},
            )
            run(
                "quarantine.rows",
                "update {} set content = content #- array['payload', %(key)s]"
                " where subject = %(account)s and table_name = %(table)s"
                " and content -> 'payload' ? %(key)s",
                {"key": key, "table": f"raw.{name}"},
            )
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
