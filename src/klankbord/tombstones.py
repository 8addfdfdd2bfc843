"""Deleted posts and messages leave a tombstone, in the transaction that lands what is left.

A tombstone says when we noticed. The row of what was deleted stays, because it was said and counted
(a question keeps its place in the response rate); the text that was kept of an own post goes.
"""

from collections.abc import Mapping
from datetime import datetime

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord.platforms.base import FieldRules, Stream, Window

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
    missing that the answer shrank; what came again is no longer dead.
    """
    # not the payloads, which would cost more than they are worth
    cursor.execute("analyze landing (account_id, stream, item_id); analyze landing_absent")
    for stream in _STREAMS:
        if stream not in fields:
            continue
        table = sql.Identifier("raw", f"{platform}_{stream}")
        cursor.execute(
            sql.SQL(
                "with known as (select r.account_id, r.item_id from landing_absent as a"
                " inner join {table} as r using (account_id, item_id) where a.stream = %(stream)s"
                " union select r.account_id, r.item_id from landing_absent as a"
                " inner join {table} as r using (account_id, thread_id) where a.stream = %(stream)s"
                " union select r.account_id, r.item_id from landing_absent as a"
                " inner join {table} as r on r.account_id = a.account_id"
                " and r.created_at >= a.complete_since and r.created_at < %(until)s"
                " where a.stream = %(stream)s),"
                " compared as (select k.account_id, k.item_id, not exists (select 1"
                " from landing as l where l.account_id = k.account_id and l.stream = %(stream)s"
                " and l.item_id = k.item_id) as is_missing from known as k),"
                " credible as (select account_id from compared group by account_id"
                " having count(*) < %(least)s"
                " or 2 * count(*) filter (where is_missing) <= count(*)),"
                " found as (insert into raw.tombstones select c.account_id, %(name)s, %(stream)s,"
                " c.item_id, %(scan_on)s::date, %(now)s::timestamptz, %(id)s::uuid"
                " from compared as c inner join credible using (account_id) where c.is_missing"
                " on conflict do nothing returning account_id, item_id)"
                " update {table} as r set payload = {stripped} from found"
                " where r.account_id = found.account_id and r.item_id = found.item_id"
            ).format(table=table, stripped=_without_text(fields[stream])),
            {
                "name": platform,
                "stream": stream,
                "scan_on": window.scan_on,
                "until": window.until,
                "now": now,
                "id": extraction_id,
                "least": CREDIBLE_LEAST,
            },
        )
        cursor.execute(
            "delete from raw.tombstones as t using landing as l where t.account_id = l.account_id"
            " and t.stream = %s and l.stream = %s and t.item_id = l.item_id",
            [stream, stream],
        )


def _without_text(rules: FieldRules) -> sql.Composable:
    expression: sql.Composable = sql.SQL("r.payload")
    for path in sorted(rules.text):
        expression = sql.SQL("{} #- {}").format(expression, sql.Literal(path.split(".")))
    return expression
