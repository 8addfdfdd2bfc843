"""A question that was withdrawn before it closed leaves a tombstone, for one call a hundred."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.databases import new_warehouse
from tests.pipeline.house import NOW, open_house
from tests.x_world import (
    TOKEN,
    WINDOW,
    Log,
    SmallWorld,
    make_sandbox,
    registered,
    sandbox_app,
    serving,
)

from klankbord import extraction, settings
from klankbord.http import Client
from klankbord.platforms.events import Deleted, Item, Outcome
from klankbord.platforms.ledger import CLOSING_AGE, Ledger
from klankbord.platforms.x import X
from klankbord.platforms.x_calls import Calls
from klankbord.platforms.x_mentions import withdrawn
from klankbord.verdicts import BudgetShort
from klankbord.windows import window_of


def read(world, closing):
    """(events, lookups of posts by id) of the accounts, whose `closing` questions are due."""
    log = Log()
    accounts = [
        replace(
            registered(a, with_id=True), ledger=Ledger({}, NOW, NOW, closing=closing[a.account_id])
        )
        for a in world.accounts
    ]
    with serving(sandbox_app(make_sandbox(world), log)) as url:
        options = {"only_loopback": True, "backoff_seconds": 0, **X.client_options(TOKEN)}
        client = Client(f"{url}/x", X.classify, **options)
        events = list(X(client).extract(accounts, WINDOW))
        client.close()
    return events, [query for path, query in log if path == "/x/2/tweets"]


def test_what_x_knows_no_more_is_deleted_and_nothing_else():
    world = SmallWorld()
    one, two = world.account(1), world.account(2)
    old = NOW - timedelta(days=8)
    said = [str(world.say(a, "incoming", at=old).message_id) for a in (one, two)]
    gone = "1799999999999999999"
    closing = {one.account_id: [said[0], gone], two.account_id: [said[1], gone]}
    events, lookups = read(world, closing)
    deleted = [(e.account_id, e.stream, e.item_id) for e in events if isinstance(e, Deleted)]
    assert deleted == [(a.account_id, "messages", gone) for a in (one, two)]
    [query] = lookups  # of a mention of both but once, and no field or expansion that costs
    assert sorted(query["ids"].split(",")) == sorted({*said, gone})
    assert set(query) == {"ids", "post.fields"} and query["post.fields"] == "id"


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (100, 1), (101, 2)])
def test_a_hundred_a_call(count, calls):
    world = SmallWorld()
    account = world.account()
    ids = [str(1_700_000_000_000_000_000 + n) for n in range(count)]
    events, lookups = read(world, {account.account_id: ids})
    assert len(lookups) == calls
    assert [e.item_id for e in events if isinstance(e, Deleted)] == ids


def test_a_lookup_that_fails_is_said_and_costs_nothing_else(monkeypatch):
    world = SmallWorld()
    account = world.account()
    world.say(account, "incoming", at=NOW - timedelta(minutes=1))
    ids = [str(1_700_000_000_000_000_000 + n) for n in range(101)]
    whole = Calls.get

    def short(self, endpoint, path, params, *more, **options):
        if params.get("ids") == ids[-1]:
            raise BudgetShort("kept for what comes before")
        return whole(self, endpoint, path, params, *more, **options)

    monkeypatch.setattr(Calls, "get", short)
    events, _ = read(world, {account.account_id: ids})
    ends = {e.stream: e for e in events if isinstance(e, Outcome)}
    assert {e.status for e in ends.values()} == {"ok"}
    detail = "Withdrawn questions were not all looked for. kept for what comes before"
    assert (ends["messages"].detail, ends["posts"].detail) == (detail, "")
    assert [e.item_id for e in events if isinstance(e, Deleted)] == ids[:-1]
    assert sum(isinstance(e, Item) and e.stream == "messages" for e in events) == 1


def test_a_post_that_x_only_hides_is_not_gone():
    class Hiding:
        def get(self, *_, **__):
            kind = "https://api.x.com/2/problems/not-authorized-for-resource"
            return {"errors": [{"value": "17", "type": kind}]}

    account = replace(registered(SmallWorld().account()), ledger=Ledger(closing=["17"]))
    assert withdrawn(Hiding(), [account]) == ({}, "")


def test_from_day_to_day(postgres):
    """Of the questions that close, one was withdrawn; what is no question is never looked up."""
    with (
        new_warehouse(postgres) as access,
        open_house(access, now=NOW) as house,
    ):
        start, end = NOW - CLOSING_AGE, NOW - CLOSING_AGE + timedelta(days=1)
        told = {
            a.account_id: house.world.incoming(a, start, end)
            for a in house.world.accounts
            if a.platform == "x"
        }
        name = max(told, key=lambda each: sum(m.is_question for m in told[each]))
        questions = [m for m in told[name] if m.is_question]
        assert questions and len(told[name]) > len(questions)
        account = house.world.account(name)
        row = next(a for a in house.world.account_rows() if a.account_id == name)
        house.register = replace(house.register, accounts=[replace(row, access_tier="T2")])
        house.sync_register()
        house.scan("x")
        asked: list[int] = []
        seen, gone = house.sandbox.world, questions[0].message_id

        class Fewer:
            """The world without one question; notes which messages are looked up by id."""

            def __getattr__(self, what):
                return getattr(seen, what)

            def incoming(self, *about):
                return [m for m in seen.incoming(*about) if m.message_id != gone]

            def account_of(self, message_id):
                asked.append(message_id)
                return seen.account_of(message_id)

        house.sandbox.world = Fewer()
        for day in (1, 2):
            house.at(NOW + timedelta(days=day))
            house.scan("x")
        after = house.world.incoming(account, end, end + timedelta(days=1))
        due = {m.message_id for m in [*questions, *after] if m.is_question}
        citizens = [i for i in asked if not house.world.message(account, i).is_own]
        assert sorted(citizens) == sorted(due), "each once, on the day on which it closes"
        assert house.rows("select stream, item_id, scan_on from raw.tombstones") == [
            ("messages", str(gone), (NOW + timedelta(days=1)).date())
        ]
        # a backfill, also of the days on which they closed, sees no new day
        asked.clear()
        days = [(NOW - timedelta(days=ago)).date() for ago in (3, 1)]
        extraction.extract(access, "x", window=window_of(since=days[0], until=days[1]))
        assert not [i for i in asked if not house.world.message(account, i).is_own]
        assert settings.today() == (NOW + timedelta(days=2)).date()
