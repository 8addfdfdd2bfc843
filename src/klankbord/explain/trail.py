"""The last steps down: how each reading ended, and the rows of raw with their requests."""

from typing import Any

from psycopg2 import sql

Row = dict[str, Any]
#: the streams whose rows a figure's parts come from
STREAMS = {
    "readings": ("profiles",), "posts": ("posts", "messages"), "questions": ("messages",),
    "owner posts": ("insights", "posts"), "messages": ("messages", "insights"),
}  # fmt: skip
#: readings of a post go on for so long after its period
AFTER_DAYS = 28


def outcomes(cursor: Any, account: Row, streams: tuple[str, ...], start: Any) -> list[Row]:
    """How the scans that reach into the period ended, by stream, status and reason."""
    cursor.execute(
        "select stream, status, reason, count(*) as scans, min(scan_on) as first_scan_on,"
        " max(scan_on) as last_scan_on, sum(row_count) as rows_read from raw.outcomes"
        " where account_id = %s and stream = any(%s) and scan_on >= %s"
        " and (window_since at time zone 'Europe/Brussels')::date <= %s"
        " group by stream, status, reason order by stream, status, reason",
        [account["account_id"], list(streams), start, account["period_end"]],
    )
    return [dict(row) for row in cursor.fetchall()]


def raw_rows(
    cursor: Any, platform: str, account: Row, parts: str, listed: list[Row], start: Any
) -> list[Row]:
    """Rows of raw by table and extraction, with the run and its requests. Own posts by their ids,
    profiles by their day, citizens' messages by the period in which they were written."""
    found: list[Row] = []
    for stream in STREAMS.get(parts, ()):
        table = f"{platform}_{stream}"
        cursor.execute("select to_regclass(%s) is not null as there", [f"raw.{table}"])
        if not cursor.fetchone()["there"]:
            continue
        if stream == "profiles":
            where = sql.SQL("r.scan_on = any(%(days)s)")
        elif stream == "insights" and parts == "messages":
            continue  # that they were told says whose token asked: no row of them is a part
        elif stream == "insights":
            where = sql.SQL("r.payload ->> 'object_id' = any(%(ids)s)")
        elif stream == "posts":
            where = sql.SQL("r.item_id = any(%(ids)s)")
        else:
            where = sql.SQL(
                "(r.created_at at time zone 'Europe/Brussels')::date between %(start)s and %(end)s"
            )
            if parts == "posts":
                # of the thread's messages only the own ones are posts
                where += sql.SQL(" and (r.payload -> 'klankbord' ->> 'is_own')::boolean")
        cursor.execute(
            sql.SQL(
                "select %(name)s as table_name, r.extraction_id::text, count(*) as rows,"
                " min(r.observed_at) as first_observed_at, max(r.observed_at) as last_observed_at,"
                " e.run_id, e.started_at, e.request_count from {} as r"
                " left join raw.extractions as e on e.extraction_id = r.extraction_id"
                " where r.account_id = %(account)s and {} group by r.extraction_id, e.run_id,"
                " e.started_at, e.request_count order by min(r.observed_at), r.extraction_id"
            ).format(sql.Identifier("raw", table), where),
            {
                "name": f"raw.{table}", "account": account["account_id"],
                "days": [row["observed_on"] for row in listed if "observed_on" in row],
                "ids": [row["post_id"] for row in listed if "post_id" in row],
                "start": start, "end": account["period_end"],
            },
        )  # fmt: skip
        found += [dict(row) for row in cursor.fetchall()]
    return found


def archive(cursor: Any, account: Row, listed: list[Row]) -> list[Row]:
    """Follower counts of earlier studies, with file and line."""
    days = [r["observed_on"] for r in listed if r.get("reading_source") == "archive"]
    cursor.execute(
        "select observed_on, followers, source, file_name, file_line, imported_at"
        " from raw.archive_followers where account_id = %s and observed_on = any(%s)"
        " order by observed_on, source",
        [account["account_id"], days],
    )
    return [dict(row) for row in cursor.fetchall()]


def erased(cursor: Any, since: Any) -> int:
    """Erasures and withdrawals after a moment: what they took is in no list here."""
    cursor.execute("select count(*) as n from raw.privacy_actions where happened_at > %s", [since])
    return cursor.fetchone()["n"]
