"""Landing on a real PostgreSQL: together or not at all, and twice is once."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klankbord import landing as landing_module
from klankbord.landing import Landing
from klankbord.landing_rows import to_json
from klankbord.landing_writer import Writer
from klankbord.platforms.base import FieldRules, Window
from klankbord.platforms.events import Item, Outcome
from klankbord.quarantine import move_aside

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
STREAMS = ("profiles", "posts", "messages")
FIELDS = {
    s: FieldRules(own=frozenset({"id", "n"}), citizen=frozenset({"id", "n"})) for s in STREAMS
}


def opened(access):
    """A connection whose transactions are the code's own."""
    return closing(access.open("klankbord_loader"))


def make(connection, moment=NOW) -> Landing:
    return Landing(
        connection,
        "x",
        Window.ending(moment),
        streams=dict.fromkeys("abc", STREAMS),
        fields=FIELDS,
        key="k",
        run_id="test",
        now=moment,
    )


def item(account: str, stream: str, item_id: str, n: int = 1, own: bool = True) -> Item:
    return Item(account, stream, item_id, {"id": item_id, "n": n, "name": "Jan"}, "1", own)


def feed(landing: Landing, account: str, n: int = 1, failed: str = "") -> None:
    landing.add(item(account, "profiles", account, n))
    landing.add(item(account, "posts", f"{account}-p", n))
    landing.add(item(account, "messages", f"{account}-m", 1, own=False))
    for stream in STREAMS:
        bad = stream == failed
        landing.add(
            Outcome(
                account,
                stream,
                "failed" if bad else "ok",
                "timeout" if bad else "",
                "no answer" if bad else "",
            )
        )


def count(access, table: str) -> int:
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(f"select count(*) from raw.{table}")
        return cursor.fetchone()[0]


def counts(access) -> list[int]:
    return [count(access, t) for t in ("x_profiles", "x_posts", "x_messages", "outcomes")]


def test_an_account_lands_whole_and_a_second_time_changes_nothing(warehouse):
    for n in (1, 2):
        with opened(warehouse) as connection:
            landing = make(connection)
            feed(landing, "a", n)
            landing.close(3)
        assert counts(warehouse) == [1, 1, 1, 3]
    with warehouse.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("select payload->>'n' from raw.x_posts")
        assert cursor.fetchone() == ("1",), "the first reading of a scan stands"
        cursor.execute("select sum(request_count) from raw.extractions")
        assert cursor.fetchone() == (6,)


def test_an_incomplete_account_does_not_land(warehouse):
    with opened(warehouse) as connection:
        landing = make(connection)
        landing.add(item("a", "profiles", "a"))
        landing.add(Outcome("a", "profiles", "ok"))
        landing.close(1)
    assert counts(warehouse) == [0, 0, 0, 0]


def test_a_failed_stream_is_a_row_with_its_reason_and_lands_the_next_time(warehouse):
    with opened(warehouse) as connection:
        landing = make(connection)
        feed(landing, "a", failed="posts")
        landing.close(1)
    assert counts(warehouse) == [1, 0, 1, 3]
    with opened(warehouse) as connection:
        landing = make(connection)
        feed(landing, "a")
        landing.close(1)
    assert counts(warehouse) == [1, 1, 1, 4]


def test_failures_are_counted_not_repeated(warehouse):
    for _ in range(3):
        with opened(warehouse) as connection:
            landing = make(connection)
            feed(landing, "a", failed="posts")
            landing.close(1)
    with warehouse.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("select attempts, detail from raw.outcomes where status = 'failed'")
        assert cursor.fetchall() == [(3, "no answer")]


def test_posts_are_read_every_scan_and_messages_only_when_they_change(warehouse):
    for day in (0, 1):
        moment = NOW + timedelta(days=day)
        with opened(warehouse) as connection:
            landing = make(connection, moment)
            feed(landing, "a")
            landing.close(1)
    assert counts(warehouse) == [2, 2, 1, 6]


def test_a_transaction_that_breaks_leaves_nothing(warehouse, monkeypatch):
    def broken(*_):
        raise psycopg2.OperationalError("the server went away")

    monkeypatch.setattr(Writer, "_write_rows", broken)
    with opened(warehouse) as connection:
        landing = make(connection)
        feed(landing, "a")
        with pytest.raises(psycopg2.OperationalError):
            landing.flush()
    assert counts(warehouse) == [0, 0, 0, 0]


def test_groups_of_accounts_commit_while_the_rest_is_coming(warehouse, monkeypatch):
    monkeypatch.setattr(landing_module, "ACCOUNTS_PER_COMMIT", 2)
    with opened(warehouse) as connection:
        landing = make(connection)
        for account in "abc":
            feed(landing, account)
        landing._wait()
        assert count(warehouse, "x_posts") == 2
        landing.close(1)
    assert count(warehouse, "x_posts") == 3


def test_two_processes_land_an_account_once(warehouse):
    first, second = (warehouse.open("klankbord_loader") for _ in range(2))
    try:
        landings = [make(first), make(second, NOW + timedelta(seconds=5))]
        for n, landing in enumerate(landings):
            feed(landing, "a", n)
        for landing in landings:
            landing.close(1)
    finally:
        first.close()
        second.close()
    assert counts(warehouse) == [1, 1, 1, 3]


def test_quarantine_moves_rows_aside_and_asks_again(warehouse):
    with opened(warehouse) as connection:
        landing = make(connection)
        feed(landing, "a")
        feed(landing, "b")
        landing.close(1)
    with opened(warehouse) as connection:
        moved = move_aside(
            connection,
            ["x"],
            [{"subject": "a", "scan_on": NOW.date()}],
            gate="raw",
            expectation="rule",
        )
    assert moved == 3
    assert counts(warehouse)[:3] == [1, 1, 1]
    with warehouse.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("select account_id, status, reason from raw.outcomes order by 1, stream")
        assert cursor.fetchall() == [("a", "failed", "quarantined")] * 3 + [("b", "ok", "")] * 3
        cursor.execute("select table_name, content->'payload'->>'n' from quarantine.rows")
        assert len(cursor.fetchall()) == 3
    with opened(warehouse) as connection:
        landing = make(connection)
        feed(landing, "a")
        landing.close(1)
    assert counts(warehouse)[:3] == [2, 2, 2]


def test_quarantine_keeps_no_payload_that_may_not_be_kept(warehouse):
    with opened(warehouse) as connection:
        landing = make(connection)
        feed(landing, "a")
        landing.close(1)
        offenders = [{"subject": "a", "scan_on": NOW.date()}]
        move_aside(connection, ["x"], offenders, gate="raw", expectation="r", with_payload=False)
        with connection.cursor() as cursor:
            cursor.execute("select count(*), count(content->>'payload') from quarantine.rows")
            assert cursor.fetchone() == (3, 0)


@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner), max_leaves=5))
def test_any_text_becomes_json_that_postgresql_takes(postgres, value):
    with postgres.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("select %s::jsonb", [to_json({"v": value}).decode()])
        stored = cursor.fetchone()[0]["v"]
    if isinstance(value, str) and "\0" not in value and value.isprintable():
        assert stored == value
    assert json.loads(to_json({"v": "a\\u0000b\\\\u0000"}))["v"] == "a\\u0000b\\\\u0000"


def test_the_reader_reads_nothing_but_published(warehouse):
    for table in ("raw.outcomes", "register.accounts", "quarantine.rows"):
        with (
            pytest.raises(psycopg2.errors.InsufficientPrivilege),
            warehouse.connect("klankbord_reader") as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(f"select * from {table}")


def test_only_the_loader_writes_raw(warehouse):
    for role in ("klankbord_transformer", "klankbord_publisher", "klankbord_reader"):
        with (
            pytest.raises(psycopg2.errors.InsufficientPrivilege),
            warehouse.connect(role) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("delete from raw.outcomes")
