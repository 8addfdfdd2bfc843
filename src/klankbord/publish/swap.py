"""Publication: the reporting tables become schema `published` in one transaction, or not at all."""

from collections.abc import Iterator
from datetime import datetime

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord import horizon
from klankbord.database import Access

ROLE = "klankbord_publisher"
READER = "klankbord_reader"
#: what tiles and the command line filter on
INDEXES = {
    "rpt_organisation_metric": "(organisation_id, metric_id, platform, period_start)",
    "rpt_group_metric": "(metric_id, platform, group_id, period_start)",
    "rpt_change": "(organisation_id, metric_id, platform, period_start)",
    "rpt_group_change": "(group_id, metric_id, platform, period_start)",
    "rpt_index": "(organisation_id, period_start)",
    "rpt_index_component": "(organisation_id, period_start)",
    "rpt_maturity": "(group_id, period_start)",
    "rpt_maturity_evidence": "(organisation_id, period_start)",
    "rpt_maturity_organisation": "(organisation_id, period_start)",
    "rpt_peer": "(organisation_id, group_kind)",
    "rpt_peer_metric": "(group_id, metric_id, platform, period_start)",
    "rpt_post_share": "(organisation_id, platform, period_start)",
    "rpt_response_curve": "(group_id, organisation_id, platform, period_start)",
    "rpt_survey_share": "(survey_id, question_code, group_id)",
    "rpt_target_progress": "(organisation_id)",
    "rpt_territory_metric": "(territory_on, territory_id, metric_id, period_start)",
    "rpt_web_visits": "(organisation_id, metric_id, period_start)",
}
#: of a table that grows, a day exchanges some hundredths: dead rows must not wait for a fifth
CLEANED = "with (autovacuum_vacuum_scale_factor = 0.01)"


def publish(access: Access, now: datetime) -> dict[str, int]:
    """Copy reporting.rpt_* and swap them in; returns rows by table that were written.

    Readers see the old figures until the commit and the new ones after it. An error leaves the old
    ones standing. The swap waits at most ten seconds for a reader that is in the middle of a query.
    Of a table that grows, reporting has what is open (klankbord.horizon): those rows are exchanged
    in the table that is published, which then moves with the others.
    """
    rows: dict[str, int] = {}
    kept: list[str] = []
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        cursor.execute("set local lock_timeout = '10s'")
        cursor.execute(
            "select table_name from information_schema.tables where table_schema = 'reporting'"
            " and table_name like 'rpt\\_%' order by 1"
        )
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute("drop schema if exists published_next cascade")
        cursor.execute("create schema published_next")
        for table in tables:
            target = sql.Identifier("published_next", table)
            if (opened := horizon.open_rows(cursor, table)) and _is_alike(cursor, table):
                rows[table] = _exchange(cursor, table, opened)
                kept.append(table)
                continue
            cursor.execute(
                sql.SQL("create table {} {} as table {}").format(
                    target,
                    sql.SQL(CLEANED if table in horizon.PUBLISHED else ""),
                    sql.Identifier("reporting", table),
                )
            )
            rows[table] = cursor.rowcount
            for columns in _indexes(table):
                cursor.execute(sql.SQL("create index on {} {}").format(target, sql.SQL(columns)))
            # the next build's gate joins with it, and a new table has no statistics
            cursor.execute(sql.SQL("analyze {}").format(target))
        cursor.execute(
            "create table published_next.publication as select %s as published_at", [now]
        )
        cursor.execute(
            sql.SQL("grant usage on schema published_next to {}").format(sql.Identifier(READER))
        )
        cursor.execute(
            sql.SQL("grant select on all tables in schema published_next to {}").format(
                sql.Identifier(READER)
            )
        )
        for table in kept:
            cursor.execute(
                sql.SQL("alter table {} set schema published_next").format(
                    sql.Identifier("published", table)
                )
            )
        cursor.execute("drop schema if exists published cascade")
        cursor.execute("alter schema published_next rename to published")
        horizon.close(cursor)
    return rows


def _indexes(table: str) -> Iterator[str]:
    """What readers filter on, and the day by which rows are exchanged and gate 2 compares them."""
    if table in INDEXES:
        yield INDEXES[table]
    if table in horizon.PUBLISHED:
        _, day = horizon.PUBLISHED[table]
        yield f"({day})"


def _is_alike(cursor: Cursor, table: str) -> bool:
    """Whether the table is published with the columns that reporting has."""
    cursor.execute(
        "select count(distinct columns) = 1 and count(*) = 2 from (select table_schema,"
        " array_agg((column_name::text, data_type::text) order by ordinal_position) as columns"
        " from information_schema.columns where table_schema in ('published', 'reporting')"
        " and table_name = %s group by table_schema) as shapes",
        [table],
    )
    return cursor.fetchone()[0]


def _exchange(cursor: Cursor, table: str, opened: str) -> int:
    """Put reporting's rows in the place of the open rows of a published table."""
    published = sql.Identifier("published", table)
    # the condition is our own text, made of literals (builds.predicates)
    cursor.execute(sql.SQL("delete from {} where {}").format(published, sql.SQL(opened)))
    # in the order of the index, which is larger than the memory: each of its pages is touched once
    order = f"order by {INDEXES[table].strip('()')}" if table in INDEXES else ""
    cursor.execute(
        sql.SQL("insert into {} select * from {} {}").format(
            published, sql.Identifier("reporting", table), sql.SQL(order)
        )
    )
    written = cursor.rowcount
    cursor.execute("select builds.is_stale(%s::regclass)", [f"published.{table}"])
    if cursor.fetchone()[0]:
        cursor.execute(sql.SQL("analyze {}").format(published))
    return written


def is_published(access: Access) -> bool:
    """Whether anything was ever published here."""
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('published.publication') is not null")
        return cursor.fetchone()[0]
