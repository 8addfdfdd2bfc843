"""Publication exchanges open rows, and a figure is read through an index."""

from datetime import date

import psycopg2
import pytest
from benchmarks.build import MOST_BUFFERS
from benchmarks.measures import FIGURE, GROUP_FIGURE, buffers

from klankbord import database, horizon, settings
from klankbord.publish import swap

BODIES, QUARTERS = 300, 40
FIGURES = f"""
create table reporting.rpt_organisation_metric as
select
    'body-' || body as organisation_id, metric_id, platform, 'klankbord' as definition_id,
    'quarter' as period_kind, (date '2016-01-01' + make_interval(months => 3 * q))::date
    as period_start, q * 1.0 as value, null::double precision as lower,
    null::double precision as upper, repeat('x', 500) as names
from generate_series(1, {BODIES}) as b (body) cross join generate_series(0, {QUARTERS - 1}) as s (q)
cross join unnest(array['M05', 'M26', 'M29', 'M30']) as m (metric_id)
cross join unnest(array['facebook', 'x']) as p (platform);
create table reporting.rpt_group_metric as
select 'be-municipality' || case when g = 0 then '' else '/size-' || g end as group_id, metric_id,
    platform, definition_id, period_kind, period_start, value, 5 as n
from reporting.rpt_organisation_metric cross join generate_series(0, 5) as s (g)
where organisation_id = 'body-1'"""
SINCE = date(2025, 7, 1)


@pytest.fixture
def published(warehouse: database.Access) -> database.Access:
    """Ten years of figures, published whole."""
    with warehouse.connect("klankbord_transformer") as connection, connection.cursor() as cursor:
        cursor.execute(FIGURES)
    swap.publish(warehouse, settings.now())
    return warehouse


def _run(access: database.Access, statement: str, role: str = "klankbord_transformer") -> list:
    with access.connect(role) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def _arm(access: database.Access) -> None:
    """The last two quarters are open, and one of before in which a figure changed."""
    with access.connect(horizon.ROLE) as connection, connection.cursor() as cursor:
        horizon._open(cursor, SINCE, ["a test"])
        cursor.execute(
            "update builds.predicates set predicate = '({date} >= {since} or ({row}.platform,"
            " {date}) in (select platform, quarter_start from builds.blocks))'"
            " where kind = 'block';"
            "insert into builds.blocks values ('x', '2020-01-01')"
        )


def test_a_figure_is_read_through_the_index(published) -> None:
    for query, values in ((FIGURE, ["body-7", SINCE]), (GROUP_FIGURE, [SINCE])):
        touched, index = buffers(published, query, values)
        assert index, query
        assert touched < MOST_BUFFERS


def test_open_rows_are_exchanged_and_all_others_stay(published) -> None:
    before = _run(published, "select oid from pg_class where relname = 'rpt_organisation_metric'"
                  " and relnamespace = 'published'::regnamespace")  # fmt: skip
    _arm(published)
    _run(
        published,
        f"delete from reporting.rpt_organisation_metric where not (period_start >= '{SINCE}'"
        " or (platform, period_start) = ('x', '2020-01-01'));"
        "update reporting.rpt_organisation_metric set value = -1;"
        "delete from reporting.rpt_organisation_metric where organisation_id = 'body-1'",
    )
    rows = swap.publish(published, settings.now())
    assert rows["rpt_organisation_metric"] == (BODIES - 1) * 4 * (2 * 2 + 1)
    counted = dict(
        _run(
            published,
            "select value = -1, count(*) from published.rpt_organisation_metric group by 1",
            "klankbord_reader",
        )
    )
    assert counted == {
        True: (BODIES - 1) * 4 * 5,
        False: BODIES * 4 * (2 * QUARTERS - 5),
    }
    after = _run(published, "select oid from pg_class where relname = 'rpt_organisation_metric'"
                 " and relnamespace = 'published'::regnamespace")  # fmt: skip
    assert after == before  # the table itself moved: its index and its rows were not written again
    assert _run(published, f"select reloptions from pg_class where oid = {before[0][0]}",
                horizon.ROLE) == [(["autovacuum_vacuum_scale_factor=0.01"],)]  # fmt: skip
    key = "organisation_id, metric_id, platform, period_start"
    written, ordered = (
        _run(published, f"select {key} from published.rpt_organisation_metric where value = -1"
             f" order by {order}", "klankbord_reader")
        for order in ("ctid", key)
    )  # fmt: skip
    assert written == ordered  # in the order of the index: each of its pages is touched once
    assert _run(published, "select is_published from builds.horizon", horizon.ROLE) == [(True,)]
    assert swap.publish(published, settings.now())["rpt_organisation_metric"] == (BODIES - 1) * 20
    counted_again = _run(
        published, "select count(*) from published.rpt_organisation_metric", "klankbord_reader"
    )
    assert counted_again == [(sum(counted.values()),)]  # a second publication changes nothing


def test_statistics_are_made_with_a_table_and_when_a_tenth_of_it_was_exchanged(published) -> None:
    """Ten years, of which each exchange takes a sixteenth: the second one is due."""
    table = "published.rpt_organisation_metric"
    when = f"select last_analyze from pg_stat_user_tables where relid = '{table}'::regclass"
    [(made,)] = _run(published, when, horizon.ROLE)
    assert made
    _arm(published)
    _run(
        published,
        f"delete from reporting.rpt_organisation_metric where not (period_start >= '{SINCE}'"
        " or (platform, period_start) = ('x', '2020-01-01'))",
    )
    _run(published, f"alter table {table} set (autovacuum_enabled = false)", horizon.ROLE)
    _run(published, f"analyze {table}", horizon.ROLE)
    moments = _run(published, when, horizon.ROLE)
    for _ in range(2):
        swap.publish(published, settings.now())
        moments += _run(published, when, horizon.ROLE)
    assert moments[0] == moments[1] < moments[2]


def test_changes_that_are_told_no_more_leave_what_is_published(warehouse) -> None:
    _run(
        warehouse,
        "create table reporting.rpt_change as select 'x' as platform, 'month' as period_kind,"
        " day::date as period_start, 1 as change, 'body' as organisation_id, 'M05' as metric_id"
        " from generate_series(date '2024-01-01', date '2025-08-01', interval '1 month') as s (day)"
        ";create table marts.fct_change as select platform, period_kind, period_start"
        " from reporting.rpt_change where period_start >= '2024-06-01'",
    )
    swap.publish(warehouse, settings.now())
    _arm(warehouse)
    _run(
        warehouse,
        f"delete from reporting.rpt_change where period_start < '{SINCE}';"
        "update reporting.rpt_change set change = -1",
    )
    assert swap.publish(warehouse, settings.now())["rpt_change"] == 2
    told = _run(
        warehouse,
        "select min(period_start), count(*), sum(change) from published.rpt_change",
        "klankbord_reader",
    )
    assert told == [(date(2024, 6, 1), 15, 13 - 2)]


def test_a_last_scan_that_is_gone_opens_everything(warehouse) -> None:
    """For periods of changes that were forgotten may be told again."""
    _run(
        warehouse,
        "create table intermediate.int_account_states (account_id text,"
        " is_profiles_refused boolean, is_posts_refused boolean, is_messages_refused boolean,"
        " is_insights_refused boolean,"
        " posts_known_until timestamptz, messages_known_until timestamptz);"
        "create table intermediate.int_platform_periods as select 'x' as platform,"
        " 'quarter' as period_kind, date '2025-07-01' as period_start,"
        " date '2025-09-02' as last_on, date '2025-09-02' as latest_scan_on;"
        "create table intermediate.int_metric_periods as select 'x' as platform,"
        " 'quarter' as period_kind, date '2025-07-01' as period_start, 'M05' as metric_id,"
        " 'provisional' as status, null as not_applicable_reason, false as has_synthetic_accounts;"
        "create table intermediate.int_peer_days as select platform, period_kind, period_start,"
        " last_on as as_of_on from intermediate.int_platform_periods",
    )
    for latest, expected in (("09-02", SINCE), ("09-03", SINCE), ("09-01", horizon.EVERYTHING)):
        _run(
            warehouse,
            f"update intermediate.int_platform_periods set latest_scan_on = '2025-{latest}'",
        )
        with warehouse.connect(horizon.ROLE) as connection, connection.cursor() as cursor:
            cursor.execute("delete from builds.horizon")
            horizon._open(cursor, SINCE, ["a test"])
        assert horizon.widen(warehouse) == expected, latest
        with warehouse.connect(horizon.ROLE) as connection, connection.cursor() as cursor:
            horizon.close(cursor)


def test_a_table_of_another_shape_is_replaced_whole(published) -> None:
    _arm(published)
    _run(published, "alter table reporting.rpt_organisation_metric add column more text")
    rows = swap.publish(published, settings.now())
    assert rows["rpt_organisation_metric"] == BODIES * 4 * 2 * QUARTERS
    assert _run(
        published, "select count(more) from published.rpt_organisation_metric", "klankbord_reader"
    ) == [(0,)]


def test_readers_keep_the_old_figures_when_publication_fails(published, monkeypatch) -> None:
    _arm(published)
    _run(published, "update reporting.rpt_organisation_metric set value = -1")

    def broken(cursor) -> None:
        raise psycopg2.OperationalError("the machine fails")

    monkeypatch.setattr(horizon, "close", broken)
    with pytest.raises(psycopg2.OperationalError):
        swap.publish(published, settings.now())
    assert _run(
        published,
        "select count(*) from published.rpt_organisation_metric where value = -1",
        "klankbord_reader",
    ) == [(0,)]
    assert _run(published, "select is_published from builds.horizon", horizon.ROLE) == [(False,)]
