"""The ledgers of accounts, read from what is stored of them (klankbord.platforms.ledger)."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord.platforms.base import Window
from klankbord.platforms.ledger import AGE_STEPS, CLOSING_AGE, THREAD_AGE, Ledger, Reading

#: before the window: threads that still run, and posts whose last age step is not over
_LOOK_BACK = max(AGE_STEPS[-1], THREAD_AGE) + timedelta(days=7)


def read_ledgers(
    cursor: Cursor, platform: str, account_ids: Collection[str], window: Window
) -> dict[str, Ledger]:
    """A ledger for each of these accounts (an empty one for a new account). A scan of the same
    moment is not an earlier one, so a rerun asks what the first run asked."""
    ids = list(account_ids)
    posts: dict[str, dict[str, Reading]] = {name: {} for name in ids}
    cursor.execute(
        sql.SQL(
            "select distinct on (account_id, item_id) account_id, item_id, created_at, observed_at,"
            " answers from {} where account_id = any(%s) and created_at >= %s and observed_at < %s"
            " order by account_id, item_id, scan_on desc"
        ).format(sql.Identifier("raw", f"{platform}_posts")),
        [ids, window.since - _LOOK_BACK, window.until],
    )
    for account_id, item_id, *reading in cursor.fetchall():
        posts[account_id][item_id] = Reading(*reading)
    cursor.execute(
        "select account_id, stream, max(coalesce(observed_until, window_until)) from raw.outcomes"
        " where account_id = any(%s)"
        " and status = 'ok' and stream in ('posts', 'messages', 'insights') and window_until < %s"
        # a backfill of some days in the middle says nothing of the days before them
        " and window_since <= %s group by account_id, stream",
        [ids, window.until, window.since],
    )
    known: dict[tuple[str, str], datetime] = {
        (account_id, stream): until for account_id, stream, until in cursor.fetchall()
    }
    cursor.execute(
        sql.SQL(
            "select distinct on (account_id) account_id, payload from {} where account_id = any(%s)"
            " and observed_at < %s order by account_id, scan_on desc"
        ).format(sql.Identifier("raw", f"{platform}_profiles")),
        [ids, window.until],
    )
    profiles: dict[str, dict] = dict(cursor.fetchall())
    closing = _closing(cursor, platform, ids, known, window)
    return {
        name: Ledger(
            posts[name],
            known.get((name, "posts")),
            known.get((name, "messages")),
            known.get((name, "insights")),
            profiles.get(name),
            closing.get(name, ()),
        )
        for name in ids
    }


def _closing(
    cursor: Cursor,
    platform: str,
    ids: Collection[str],
    known: Mapping[tuple[str, str], datetime],
    window: Window,
) -> dict[str, list[str]]:
    """`Ledger.closing` by account_id: what reached that age since messages were last read. A
    backfill of days that were read sees no new day, so nothing closes in it."""
    read = [(name, known[name, "messages"]) for name in ids if (name, "messages") in known]
    if not read:
        return {}
    cursor.execute(
        sql.SQL(
            "select r.account_id, array_agg(distinct m.item_id order by m.item_id)"
            " from unnest(%s::text[], %s::timestamptz[]) as r (account_id, read_until)"
            " inner join {} as m using (account_id) where m.thread_id is null"
            " and m.created_at > r.read_until - %s and m.created_at <= %s"
            " and m.payload #>> '{{klankbord,is_question}}' = 'true' and not exists"
            " (select from raw.tombstones as t where t.account_id = m.account_id"
            " and t.stream = 'messages' and t.item_id = m.item_id) group by r.account_id"
        ).format(sql.Identifier("raw", f"{platform}_messages")),
        [*map(list, zip(*read, strict=True)), CLOSING_AGE, window.until - CLOSING_AGE],
    )
    return dict(cursor.fetchall())
