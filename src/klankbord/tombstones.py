"""Deleted posts and messages leave a tombstone, in the transaction that lands what is left.

A tombstone says when we noticed. The row of what was deleted stays, because it was said and counted
(a question keeps its place in the response rate); the text that was kept of an own post goes.
"""

from collections.abc import Mapping
from datetime import datetime

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord.platforms.base import FieldRules, Window
from klankbord.platforms.events import Stream

#: an answer in which more than half of so many items are missing shrank: nothing of it is believed
CREDIBLE_LEAST = 10
_STREAMS: tuple[Stream, ...] = ("posts", "messages")


def bury(
    cursor: Cursor,
    platform: str,
    window: Window,
    fields: Mapping[Stream, FieldRules],
    now: datetime,
    extraction_id: str,
) -> None:
    """Compare what was known with what came (temporary tables `landing` and `landing_absent`).

    `landing_absent` says where an answer was complete: from `complete_since` on, under `thread_id`,
    or about one `item_id`. What is known there and did not come was deleted, unless so much is
    missing that the answer shrank; what came again is no longer dead. How much was known and how
    much of it is missing goes into the outcome, for the gate and the alarms.
    """
    cursor.execute(
        "create temporary table if not exists landing_compared (account_id text, item_id text,"
        " is_missing boolean) on commit delete rows"
    )
    cursor.execute("analyze landing; analyze landing_absent")
    for stream in _STREAMS:
        if stream not in fields:
            continue
        table = sql.Identifier("raw", f"{platform}_{stream}")
        about = {
            "name": platform,
            "stream": stream,
            "scan_on": window.scan_on,
            "since": window.since,
            "until": window.until,
            "now": now,
            "id": extraction_id,
            "least": CREDIBLE_LEAST,
        }
        _compare(cursor, table, about)
        cursor.execute(
            "with found as (insert into raw.tombstones select c.account_id, %(name)s, %(stream)s,"
            " c.item_id, %(scan_on)s::date, %(now)s::timestamptz, %(id)s::uuid"
            " from landing_compared as c inner join raw.outcomes as o"
            " on o.account_id = c.account_id and o.stream = %(stream)s and o.status = 'ok'"
            " and o.scan_on = %(scan_on)s and o.window_since = %(since)s where c.is_missing"
            " and (o.known_count < %(least)s or 2 * o.missing_count <= o.known_count)"
            " on conflict do nothing returning account_id, item_id)"
            " select account_id, item_id from found",
            about,
        )
        if (dead := cursor.fetchall()) and fields[stream].text:
            cursor.execute(
                sql.SQL(
                    "update {table} as r set payload = {stripped} from unnest(%s, %s)"
                    " as dead (account_id, item_id)"
                    " where r.account_id = dead.account_id and r.item_id = dead.item_id"
                ).format(table=table, stripped=_without_text(fields[stream])),
                [list(column) for column in zip(*dead, strict=True)],
            )
        cursor.execute(
            "delete from raw.tombstones as t using landing as l where t.account_id = l.account_id"
            " and t.stream = %(stream)s and l.stream = %(stream)s and t.item_id = l.item_id",
            about,
        )


def _compare(cursor: Cursor, table: sql.Composable, about: Mapping[str, object]) -> None:
    """Fill `landing_compared` with what was known where the answer was complete, and count it."""
    cursor.execute(
        sql.SQL(
            "delete from landing_compared;"
            # as far as the answer could see: some platforms show late what happened
            " with seen as (select o.account_id, coalesce(o.observed_until, %(until)s) as until"
            " from raw.outcomes as o where o.account_id in (select account_id from landing_absent)"
            " and o.stream = %(stream)s and o.status = 'ok' and o.scan_on = %(scan_on)s"
            " and o.window_since = %(since)s),"
            " known as (select r.account_id, r.item_id from landing_absent as a"
            " inner join {table} as r using (account_id, item_id) where a.stream = %(stream)s"
            " union select r.account_id, r.item_id from landing_absent as a"
            " inner join {table} as r using (account_id, thread_id)"
            " inner join seen using (account_id) where a.stream = %(stream)s"
            # a thread may hold what is older than the window, which nobody yields
            " and r.created_at >= %(since)s and r.created_at < seen.until"
            " union select r.account_id, r.item_id from landing_absent as a"
            " inner join {table} as r on r.account_id = a.account_id"
            " inner join seen on r.account_id = seen.account_id"
            " and r.created_at >= a.complete_since and r.created_at < seen.until"
            " where a.stream = %(stream)s)"
            " insert into landing_compared select k.account_id, k.item_id, not exists (select 1"
            " from landing as l where l.account_id = k.account_id and l.stream = %(stream)s"
            " and l.item_id = k.item_id) from known as k where not exists (select 1"
            " from raw.tombstones as t where t.account_id = k.account_id"
            " and t.stream = %(stream)s and t.item_id = k.item_id)"
            # whom retention took the name from is not landed again, and not dead for that
            " and not exists (select 1 from {table} as r where r.account_id = k.account_id"
            " and r.item_id = k.item_id and r.payload #> '{{klankbord,stripped}}' is not null)"
        ).format(table=table),
        about,
    )
    cursor.execute(
        "update raw.outcomes as o set known_count = c.known, missing_count = c.missing"
        " from (select account_id, count(*) as known, count(*) filter (where is_missing) as missing"
        " from landing_compared group by account_id) as c where o.account_id = c.account_id"
        " and o.stream = %(stream)s and o.status = 'ok' and o.scan_on = %(scan_on)s"
        " and o.window_since = %(since)s and o.extraction_id = %(id)s",
        about,
    )


def _without_text(rules: FieldRules) -> sql.Composable:
    expression: sql.Composable = sql.SQL("r.payload")
    for path in sorted(rules.text):
        expression = sql.SQL("{} #- {}").format(expression, sql.Literal(path.split(".")))
    return expression
