"""When a table of which a part is exchanged gets new statistics (builds.is_stale)."""

from contextlib import contextmanager
from datetime import date

import pytest
from psycopg2.errors import InsufficientPrivilege

from klankbord import horizon
from klankbord import warehouse as dbt

ROWS = 1000


@pytest.fixture
def exchange(warehouse):
    """exchange(n) -> whether the table is stale after n of its rows went and came, before the
    commit and after it; the table was analysed when it had ROWS."""

    @contextmanager
    def writing():
        with warehouse.connect("klankbord_transformer") as connection:
            yield connection.cursor()

    def told(cursor) -> bool:
        cursor.execute("select builds.is_stale('marts.what_grows')")
        return cursor.fetchone()[0]

    def run(n: int) -> tuple[bool, bool]:
        with writing() as cursor:
            cursor.execute("delete from marts.what_grows where day <= %s", [n])
            cursor.execute("insert into marts.what_grows select generate_series(1, %s)", [n])
            before = told(cursor)
            # a session tells its counts to all at most once a second
            cursor.execute("select pg_stat_force_next_flush()")
        with writing() as cursor:
            return before, told(cursor)

    with writing() as cursor:
        cursor.execute("create table marts.what_grows (day integer)")
        assert told(cursor)  # of no rows too: PostgreSQL expects thousands until it was told
        cursor.execute("insert into marts.what_grows select generate_series(1, %s)", [ROWS])
        cursor.execute("alter table marts.what_grows set (autovacuum_enabled = false)")
    with writing() as cursor:
        # in a transaction of its own: PostgreSQL counts rows of the one that analyses as later ones
        cursor.execute("analyze marts.what_grows")
    with writing() as cursor:
        assert not told(cursor)
    return run


def test_less_than_a_tenth_leaves_them(exchange) -> None:
    assert exchange(ROWS // 10) == (False, False)


def test_more_than_a_tenth_does_not(exchange) -> None:
    assert exchange(ROWS // 10 + 1) == (True, True)


def test_days_add_up(exchange) -> None:
    assert exchange(ROWS // 25) == (False, False)
    assert exchange(ROWS // 25) == (False, False)
    assert exchange(ROWS // 25) == (True, True)


def test_the_publisher_may_ask_and_who_may_not_see_builds_may_not(warehouse, exchange) -> None:
    ask = "select builds.is_stale('marts.what_grows')"
    with warehouse.connect("klankbord_publisher") as connection, connection.cursor() as cursor:
        cursor.execute(ask)
        assert cursor.fetchone() == (False,)
    with (
        pytest.raises(InsufficientPrivilege),
        warehouse.connect("klankbord_reader") as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(ask)


def analysed(access) -> dict[str, object]:
    """Model of the intermediate layer -> when its statistics were last made."""
    with access.connect(horizon.ROLE) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select relname, last_analyze from pg_stat_user_tables"
            " where schemaname = 'intermediate'"
        )
        return dict(cursor.fetchall())


def test_a_model_that_grows_is_analysed_when_it_is_stale(warehouse) -> None:
    model = "int_outcome_months"
    dbt.build_only(warehouse, [f"+{model}"], tested=False)
    assert all(analysed(warehouse).values())
    with warehouse.connect(horizon.ROLE) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"select reloptions from pg_class where oid = 'intermediate.{model}'::regclass"
        )
        # dead rows of a few days must not wait until they are a fifth of ten years
        assert cursor.fetchone() == (["autovacuum_vacuum_scale_factor=0.01"],)
    with warehouse.connect(horizon.ROLE) as connection, connection.cursor() as cursor:
        horizon._open(cursor, date(2025, 7, 1), ["a test"])
    for is_stale in (False, True):
        with warehouse.connect(horizon.ROLE) as connection, connection.cursor() as cursor:
            cursor.execute(
                "create or replace function builds.is_stale(relation regclass) returns boolean"
                f" language sql as 'select {is_stale}'"
            )
        before = analysed(warehouse)[model]
        dbt.build_only(warehouse, [model], tested=False)
        assert (analysed(warehouse)[model] > before) is is_stale
