"""Publication: the reporting tables become schema `published` in one transaction, or not at all."""

from datetime import datetime

from psycopg2 import sql

from klankbord.database import Access

ROLE = "klankbord_publisher"
READER = "klankbord_reader"
#: what tiles and the command line filter on
INDEXES = {
    "rpt_organisation_metric": "(organisation_id, metric_id, platform, period_start)",
    "rpt_group_metric": "(metric_id, platform, group_id, period_start)",
    "rpt_maturity": "(group_id, period_start)",
    "rpt_maturity_evidence": "(organisation_id, period_start)",
    "rpt_maturity_organisation": "(organisation_id, period_start)",
    "rpt_peer": "(organisation_id, group_kind)",
    "rpt_peer_metric": "(group_id, metric_id, platform, period_start)",
    "rpt_response_curve": "(group_id, organisation_id, platform, period_start)",
    "rpt_survey_share": "(survey_id, question_code, group_id)",
    "rpt_target_progress": "(organisation_id)",
    "rpt_territory_metric": "(territory_on, territory_id, metric_id, period_start)",
}


def publish(access: Access, now: datetime) -> dict[str, int]:
    """Copy reporting.rpt_* and swap them in; returns rows by table.

    Readers see the old figures until the commit and the new ones after it. An error leaves the old
    ones standing. The swap waits at most ten seconds for a reader that is in the middle of a query.
    """
    rows: dict[str, int] = {}
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
            cursor.execute(
                sql.SQL("create table {} as table {}").format(
                    target, sql.Identifier("reporting", table)
                )
            )
            rows[table] = cursor.rowcount
            if table in INDEXES:
                cursor.execute(
                    sql.SQL("create index on {} {}").format(target, sql.SQL(INDEXES[table]))
                )
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
        cursor.execute("drop schema if exists published cascade")
        cursor.execute("alter schema published_next rename to published")
    return rows


def is_published(access: Access) -> bool:
    """Whether anything was ever published here."""
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('published.publication') is not null")
        return cursor.fetchone()[0]
