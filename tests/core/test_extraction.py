"""Extraction on a real PostgreSQL: isolation of accounts, skipping, refusing the past."""

import gc
import os
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

import pytest

from klankbord import extraction, roster
from klankbord.errors import KlankbordError, PastSnapshotError
from klankbord.platforms.base import Connector, FieldRules
from klankbord.platforms.events import Item, Outcome
from klankbord.verdicts import Throttled
from klankbord.windows import window_of

STREAMS = ("profiles", "posts", "messages")
NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)


class Fake(Connector):
    """A connector that does as it is told: account_id -> what goes wrong."""

    name, title, evidence, batch_size = "x", "Fake", "none", 10
    streams = STREAMS
    fields: ClassVar = {
        s: FieldRules(own=frozenset({"id"}), citizen=frozenset({"id"})) for s in STREAMS
    }
    wrong: ClassVar[dict[str, str]] = {}
    asked: ClassVar[list[str]] = []

    def extract(self, accounts, window):
        for account in accounts:
            self.asked.append(account.account_id)
            wrong = self.wrong.get(account.account_id)
            if wrong == "throttled":
                raise Throttled("slow down", NOW + timedelta(minutes=5))
            yield Item(account.account_id, "profiles", "1", {"id": "1"}, "1", True)
            if wrong == "crash":
                raise KeyError("a citizen's name")
            if wrong == "silence":
                continue
            yield from self.outcomes(account, window)


class NoClient:
    request_count = 7

    def close(self):
        pass


@pytest.fixture
def accounts(warehouse, monkeypatch):
    with warehouse.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into register.accounts (account_id, organisation_id, platform, handle, role,"
            " access_tier, valid_from, valid_to, is_synthetic, basis, source, recorded_at,"
            " source_file, source_line) select v, v, 'x', v, 'official', 'T2', null,"
            " case v when 'old' then date '2026-01-01' end, true, 'synthetic', 's', now(), 'f', 1"
            " from unnest(array['a', 'b', 'c', 'old']) as v"
        )
    monkeypatch.setattr(extraction, "connector", lambda name: Fake)
    monkeypatch.setattr(Fake, "wrong", {})
    monkeypatch.setattr(Fake, "asked", [])
    monkeypatch.setitem(os.environ, "KLANKBORD_NOW", NOW.isoformat())
    monkeypatch.setitem(os.environ, "KLANKBORD_SANDBOX", "1")
    return warehouse


def outcomes(access) -> dict[str, set[tuple[str, str]]]:
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("select account_id, status, reason from raw.outcomes")
        found: dict[str, set[tuple[str, str]]] = {}
        for account_id, status, reason in cursor.fetchall():
            found.setdefault(account_id, set()).add((status, reason))
        return found


def run(access, **options):
    return extraction.extract(access, "x", client=NoClient(), **options)


OK = {("ok", "")}


def test_all_accounts_of_the_day_and_no_other(accounts):
    assert run(accounts).accounts == 3
    assert outcomes(accounts) == {"a": OK, "b": OK, "c": OK}


@pytest.mark.parametrize("usual", [(700, 10, 10), (0, 10, 10), (50_000, 5, 5)])
def test_garbage_is_looked_for_less_often_and_then_as_before(accounts, monkeypatch, usual):
    seen, before = [], gc.get_threshold()
    fake = Fake.extract

    def extract(self, *asked):
        seen.append(gc.get_threshold())
        yield from fake(self, *asked)

    monkeypatch.setattr(Fake, "extract", extract)
    Fake.wrong["b"] = "throttled"
    gc.set_threshold(*usual)
    try:
        run(accounts)
        assert gc.get_threshold() == usual
    finally:
        gc.set_threshold(*before)
    assert seen[0] == (usual[0] and max(usual[0], extraction.COLLECT_AFTER), *usual[1:])


def test_what_is_complete_is_not_asked_again(accounts):
    run(accounts)
    Fake.asked.clear()
    again = run(accounts)
    assert (again.accounts, again.skipped, Fake.asked) == (0, 3, [])


def test_an_unreadable_answer_costs_its_own_account_only(accounts, caplog):
    Fake.wrong["b"] = "crash"
    run(accounts)
    assert outcomes(accounts) == {"a": OK, "b": {("failed", "unexpected_answer")}, "c": OK}
    assert "KeyError" in caplog.text
    assert "citizen's name" not in caplog.text
    Fake.wrong.clear()
    run(accounts)
    assert outcomes(accounts)["b"] == OK | {("failed", "unexpected_answer")}


def test_a_silent_connector_is_a_row_too(accounts):
    Fake.wrong["b"] = "silence"
    run(accounts)
    assert outcomes(accounts)["b"] == {("failed", "no_outcome")}


def test_throttling_keeps_what_is_complete_and_says_when(accounts):
    Fake.wrong["b"] = "throttled"
    done = run(accounts)
    assert done.throttled.retry_at == NOW + timedelta(minutes=5)
    throttled = {("failed", "throttled")}
    assert outcomes(accounts) == {"a": OK, "b": throttled, "c": throttled}


@pytest.mark.parametrize("day", [date(2026, 9, 29), date(2026, 10, 1)])
def test_another_day_than_today_is_refused(accounts, day):
    with pytest.raises(PastSnapshotError, match="only observable now"):
        run(accounts, window=window_of(day))
    assert outcomes(accounts) == {}


def test_an_account_that_is_not_in_the_register_is_named(accounts):
    with pytest.raises(KlankbordError, match="no x account old, zzz valid on 2026-09-30"):
        run(accounts, only=["a", "zzz", "old"])


def test_real_accounts_are_not_asked_of_the_sandbox(accounts):
    with accounts.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("update register.accounts set is_synthetic = false where account_id = 'a'")
    run(accounts)
    assert set(outcomes(accounts)) == {"b", "c"}


def test_batches_are_planned_and_a_scan_without_an_answer_fails(accounts):
    today = window_of()
    assert roster.plan(accounts, "x", 2, today) == [("a", "b"), ("c", "c")]
    Fake.wrong |= dict.fromkeys("abc", "silence")
    run(accounts)
    with pytest.raises(KlankbordError, match=r"Not one of 3 x accounts answered .*3 no_outcome"):
        roster.close_scan(accounts, "x", today)
    Fake.wrong.pop("a")
    run(accounts)
    assert roster.close_scan(accounts, "x", today) == {
        "ok": 1,
        "no_outcome": 2,
        "no_answer_yet": 0,
    }
    assert Outcome("a", "posts", "ok").reason == ""


def test_there_are_at_most_190_batches_and_each_account_is_in_one(accounts):
    with accounts.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into register.accounts select 'n' || n, 'n' || n, platform, handle, null, role,"
            " access_tier, null, null, true, basis, source, source_file, source_line, recorded_at"
            " from register.accounts cross join generate_series(1, 1000) as n"
            " where account_id = 'a'"
        )
    batches = roster.plan(accounts, "x", 2, window_of())
    assert len(batches) == 168, "1,003 accounts, six in a batch: a multiple of two"
    seen = [
        account.account_id
        for between in batches
        for account in roster.accounts(accounts, "x", NOW.date(), between)
    ]
    everybody = [a.account_id for a in roster.accounts(accounts, "x", NOW.date())]
    assert seen == everybody and len(seen) == 1003


def test_streams_follow_the_tier_and_the_run(accounts):
    with accounts.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("update register.accounts set access_tier = 'T1' where account_id = 'a'")
    streams = "select account_id, stream from raw.outcomes where status = 'ok' order by 1, 2"

    def read() -> list[tuple[str, str]]:
        with accounts.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            cursor.execute(streams)
            return cursor.fetchall()

    run(accounts, window=window_of(streams=["profiles"]))
    assert read() == [(name, "profiles") for name in "abc"]
    run(accounts)
    assert read() == sorted((n, s) for n in "abc" for s in STREAMS if (n, s) != ("a", "messages"))
    Fake.asked.clear()
    assert run(accounts).skipped == 3 and Fake.asked == []


def test_a_backfill_reads_the_past_and_no_snapshot(accounts):
    run(accounts)
    window = window_of(since=date(2026, 3, 1), until=date(2026, 3, 31))
    assert window.is_backfill and not window_of().is_backfill
    for times in (1, 2):
        Fake.asked.clear()
        done = run(accounts, window=window)
        assert (done.accounts, done.skipped) == ((3, 0) if times == 1 else (0, 3))
    with accounts.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select distinct stream, window_since, window_until from raw.outcomes"
            " where account_id = 'b' and window_until < '2026-04-02' order by 1"
        )
        since, until = (
            datetime(2026, 2, 28, 23, tzinfo=UTC),
            datetime(2026, 3, 31, 22, tzinfo=UTC),
        )
        assert cursor.fetchall() == [("messages", since, until), ("posts", since, until)]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"since": date(2026, 3, 1), "streams": ["profiles"]}, "only observable now"),
        ({"until": date(2026, 3, 1)}, "--until needs --since"),
        ({"since": date(2026, 9, 30)}, "no window of the past"),
        ({"since": date(2026, 3, 2), "until": date(2026, 3, 1)}, "no window of the past"),
        ({"streams": ["likes"]}, "No stream is called likes"),
    ],
)
def test_a_window_that_cannot_be_is_refused_with_the_reason(accounts, asked, sentence):
    with pytest.raises(KlankbordError, match=sentence):
        window_of(**asked)
