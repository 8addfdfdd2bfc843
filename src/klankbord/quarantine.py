"""What a gate refuses: moved out of raw together with its outcome, in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from klankbord.database import PLATFORM_STREAMS


def move_aside(
    connection: Connection,
    platforms: Sequence[str],
    offenders: Sequence[Mapping[str, Any]],
    *,
    gate: str,
    expectation: str,
    with_payload: bool = True,
) -> int:
    """Move what an account yielded in a scan out of raw, so that the next run asks for it again.

    offenders: rows with `subject` (account_id) and `scan_on`. Rows go to quarantine.rows with the
    rule that refused them; the `ok` outcomes become `failed` with reason `quarantined`. With a
    citizen's words in it, a payload is left out (`with_payload=False`) and kept nowhere. Returns
    the number of rows moved. One transaction.
    """
    moved = 0
    with connection, connection.cursor() as cursor:
        for account_id, scan_on in sorted({(o["subject"], o["scan_on"]) for o in offenders}):
            for platform in platforms:
                for stream in PLATFORM_STREAMS:
                    cursor.execute(
                        sql.SQL(
                            "with gone as (delete from {} where account_id = %s and scan_on = %s"
                            " returning *) insert into quarantine.rows (gate, expectation, subject,"
                            " table_name, scan_on, content) select %s, %s, account_id, %s, scan_on,"
                            " jsonb_build_object('item_id', item_id, 'observed_at', observed_at,"
                            " 'extraction_id', extraction_id,"
                            " 'payload', case when %s then payload end) from gone"
                        ).format(sql.Identifier("raw", f"{platform}_{stream}")),
                        [
                            account_id,
                            scan_on,
                            gate,
                            expectation,
                            f"raw.{platform}_{stream}",
                            with_payload,
                        ],
                    )
                    moved += cursor.rowcount
            cursor.execute(
                "with gone as (delete from raw.outcomes where account_id = %s and scan_on = %s"
                " and status = 'ok' returning *) insert into raw.outcomes as o"
                " select account_id, platform, stream, scan_on, 'failed', 'quarantined',"
                " %s, row_count, window_since, window_until, 1, attempted_at, extraction_id"
                " from gone on conflict (account_id, stream, scan_on, window_since, status,"
                " reason) do update"
                " set attempts = o.attempts + 1, detail = excluded.detail",
                [account_id, scan_on, f"refused by {expectation}"],
            )
    return moved
