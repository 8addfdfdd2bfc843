"""Extraction on a real PostgreSQL: isolation of accounts, skipping, refusing the past."""

import os
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

import pytest

from klankbord import extraction
from klankbord.errors import KlankbordError, PastSnapshotError
from klankbord.http import Throttled
from klankbord.platforms.base import Connector, FieldRules, Item, Outcome

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
        run(accounts, scan_on=day)
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
    batches = extraction.plan(accounts, "x", 2)
    assert batches == [
        {"scan_on": "2026-09-30", "account_ids": ["a", "b"]},
        {"scan_on": "2026-09-30", "account_ids": ["c"]},
    ]
    Fake.wrong |= dict.fromkeys("abc", "silence")
    run(accounts)
    with pytest.raises(KlankbordError, match=r"Not one of 3 x accounts answered .*3 no_outcome"):
        extraction.close_scan(accounts, "x")
    Fake.wrong.pop("a")
    run(accounts)
    assert extraction.close_scan(accounts, "x") == {"ok": 1, "no_outcome": 2, "no_answer_yet": 0}
    assert Outcome("a", "posts", "ok").reason == ""
