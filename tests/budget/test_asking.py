"""The client and its budget over real HTTP, and the X connector when money is short."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from benchmarks.calls import PLATFORMS, Day

from klankbord import forecast
from klankbord.http import Client
from klankbord.platforms.base import Window
from klankbord.platforms.events import Item, Outcome
from klankbord.platforms.ledger import Ledger, Reading
from klankbord.platforms.x import X
from klankbord.verdicts import BudgetShort, ServerError, Throttled
from tests.databases import new_warehouse
from tests.pipeline.house import NOW, open_house
from tests.pipeline.registers import bodies
from tests.x_world import Log, SmallWorld, make_sandbox, registered, sandbox_app, serving

WINDOW = Window.ending(NOW)


class Wallet:
    """A budget in memory: so many dollars; refuses the purposes in `refused`."""

    def __init__(self, usd: str = "1000", refused: frozenset[str] = frozenset()) -> None:
        self.usd, self.refused = Decimal(usd), refused
        self.asked: list[tuple[str, str]] = []

    def before(self, url, params, purpose):
        charge = X.price(url.path, params)
        charge = replace(charge, purpose=purpose or charge.purpose)
        if charge.purpose in self.refused:
            raise BudgetShort("kept for what comes before")
        if charge.cost.usd > self.usd:
            raise Throttled("spent", NOW + timedelta(hours=4), "budget_spent")
        self.asked.append((charge.purpose, url.path.removeprefix("/x")))
        self.usd -= charge.cost.usd
        return charge

    def after(self, charge, url, body, headers):
        self.usd += charge.cost.usd - X.settled(url.path, body).usd

    def close(self):
        pass


@pytest.fixture
def world():
    made = SmallWorld()
    for number in (1, 2):
        account = made.account(number)
        for hours in (1, 30, 80, 200, 500):
            made.say(account, at=NOW - timedelta(hours=hours))
        made.say(account, "incoming", "@Gemeente open?")
    return made


def ask(world, wallet, *, faults=None, ledgers=None, window=WINDOW):
    """(events, requests, error) of all accounts of the world."""
    log, found, error = Log(), [], None
    accounts = [
        replace(registered(a, with_id=True), ledger=(ledgers or {}).get(a.account_id, Ledger()))
        for a in world.accounts
    ]
    with serving(sandbox_app(make_sandbox(world), log, faults)) as url:
        client = Client(
            f"{url}/x", X.classify, only_loopback=True, backoff_seconds=0, budget=wallet,
            **X.client_options("a-token-that-nobody-may-see"),
        )  # fmt: skip
        try:
            for event in X(client).extract(accounts, window):
                found.append(event)
        except Throttled as raised:
            error = raised
        client.close()
    return found, log, error


def ends(found):
    return {(o.account_id, o.stream): (o.status, o.reason) for o in found if isinstance(o, Outcome)}


def known(world, account, last_read, until) -> Ledger:
    """What an earlier scan at `until` stored of an account; each post was read at `last_read`."""
    return Ledger(
        {
            str(m.message_id): Reading(m.created_at, last_read, 2)
            for m in world.said
            if m.account_id == account.account_id and m.is_own and m.created_at < until
        },
        until,
        until,
    )


def test_money_is_settled_by_what_came(world):
    wallet = Wallet("100")
    found, log, _ = ask(world, wallet)
    assert set(ends(found).values()) == {("ok", "")}
    posts, people = 2 * 6, 2 + 2 * 2  # ten own, two said by others; the author each time
    assert len(log) == 5
    assert Decimal(100) - wallet.usd == Decimal("0.005") * posts + Decimal("0.010") * people


def test_failed_tries_are_paid_and_settled_too(world):
    paid = []

    class Counting(Wallet):
        def after(self, charge, url, body, headers):
            paid.append((url.path, body is None))

    found, _, _ = ask(world, Counting(), faults={("mentions", 1): "cut_json"})
    assert set(ends(found).values()) <= {("ok", "")}
    assert len(paid) == 5
    with serving(lambda *_: None) as _:
        client = Client(
            "http://127.0.0.1:9", X.classify, only_loopback=True, backoff_seconds=0,
            budget=Counting(),
        )  # fmt: skip
        paid.clear()
        with pytest.raises(ServerError):
            client.get("/2/users", {"ids": "1"})
        client.close()
    assert paid == [("/2/users", True)] * 4


def test_where_a_page_is_too_dear_a_smaller_one_is_asked_for(world):
    wallet = Wallet("0.70")  # 100 posts may cost 3 dollars, 12 cost 0.36
    found, log, error = ask(world, wallet)
    sizes = [int(query["max_results"]) for _, query in log if "max_results" in query]
    assert sizes[0] == 12 and min(sizes) >= 5
    assert error is None
    assert set(ends(found).values()) == {("ok", "")}
    assert wallet.usd >= 0


def test_spent_money_keeps_the_profiles_that_were_paid(world):
    found, log, error = ask(world, Wallet("0.05"))
    assert error.reason == "budget_spent"
    assert len(log) == 1
    for account in world.accounts:
        assert ends(found)[account.account_id, "profiles"] == ("ok", "")
        assert ends(found)[account.account_id, "posts"] == ("failed", "budget_spent")
    assert sum(isinstance(e, Item) for e in found) == 2


def test_a_second_scan_lists_what_is_new_and_reads_by_id_what_is_due(world):
    before = NOW - timedelta(hours=24)
    ledgers = {a.account_id: known(world, a, before, before) for a in world.accounts}
    wallet = Wallet()
    found, log, _ = ask(world, wallet, ledgers=ledgers)
    listed = {path.rpartition("/")[2]: query.get("start_time") for path, query in log[2:]}
    assert listed == {"tweets": "2026-09-28T20:00:00Z", "mentions": "2026-09-29T19:55:00Z"}
    # 30 h passed the first day and is listed again, 80 h the third; 200 h was read at 176 h
    [by_id] = [query["ids"].split(",") for path, query in log if path == "/x/2/tweets"]
    due = [str(m.message_id) for m in world.said if m.is_own]
    ages = {str(m.message_id): (NOW - m.created_at) / timedelta(hours=1) for m in world.said}
    assert sorted(by_id) == sorted(i for i in due if ages[i] == 80.0)
    for account in world.accounts:
        posts = [i for i in found if isinstance(i, Item) and i.stream == "posts"
                 and i.account_id == account.account_id]  # fmt: skip
        assert sorted(ages[i.item_id] for i in posts) == [1.0, 30.0, 80.0]
        assert all(i.answers == 2 and i.created_at for i in posts)


def test_what_an_answer_left_out_comes_with_the_next_scan(world):
    before = NOW - timedelta(hours=24)
    account = world.accounts[0]
    whole = known(world, account, before, before)
    lost = str(
        next(m for m in world.said if (NOW - m.created_at) == timedelta(hours=30)).message_id
    )
    posts = {name: reading for name, reading in whole.posts.items() if name != lost}
    ledgers = {account.account_id: Ledger(posts, before, before)}
    found, _, _ = ask(world, Wallet(), ledgers=ledgers)
    assert lost in {e.item_id for e in found if isinstance(e, Item)}


def test_a_post_that_is_gone_is_said_to_be_deleted(world):
    before = NOW - timedelta(hours=24)
    account = world.accounts[0]
    ledger = known(world, account, before, before)
    gone = next(m for m in world.said if m.is_own and (NOW - m.created_at).days == 3)
    world.said.remove(gone)
    found, _, _ = ask(world, Wallet(), ledgers={account.account_id: ledger})
    assert [e.item_id for e in found if type(e).__name__ == "Deleted"] == [str(gone.message_id)]


def test_counters_that_cannot_be_paid_cost_nothing_else_and_stay_due(world):
    before = NOW - timedelta(hours=24)
    ledgers = {a.account_id: known(world, a, before, before) for a in world.accounts}
    wallet = Wallet(refused=frozenset({"counters_1_3"}))
    found, log, error = ask(world, wallet, ledgers=ledgers)
    assert error is None
    assert set(ends(found).values()) == {("ok", "")}
    assert not any(path == "/x/2/tweets" for path, _ in log)
    details = {o.detail for o in found if isinstance(o, Outcome) and o.stream == "posts"}
    assert details == {"kept for what comes before"}


def test_what_is_due_at_seven_days_goes_before_what_is_due_at_one(world):
    account = world.accounts[0]
    for number in range(150):
        world.say(account, at=NOW - timedelta(hours=80 if number % 2 else 180, seconds=number))
    before = NOW - timedelta(hours=24)
    ledgers = {account.account_id: known(world, account, before, before)}
    wallet = Wallet()
    ask(world, wallet, ledgers=ledgers)
    counted = [purpose for purpose, path in wallet.asked if path == "/2/tweets"]
    assert counted == ["counters_7_28", "counters_1_3"]


def test_counters_that_fail_are_the_streams_failure(world):
    before = NOW - timedelta(hours=24)
    account = world.accounts[0]
    ledgers = {account.account_id: known(world, account, before, before)}

    class Broken(Wallet):
        def before(self, url, params, purpose):
            if url.path.endswith("/2/tweets"):
                raise ServerError("broken")
            return super().before(url, params, purpose)

    found, _, _ = ask(world, Broken(), ledgers=ledgers)
    ended = ends(found)
    assert ended[account.account_id, "posts"] == ("failed", "server_error")
    assert ended[account.account_id, "messages"] == ("ok", "")
    assert ended[world.accounts[1].account_id, "posts"] == ("ok", "")


def test_counters_that_x_throttles_hold_up_no_listing(world):
    before = NOW - timedelta(hours=24)
    ledgers = {a.account_id: known(world, a, before, before) for a in world.accounts}

    class Slow(Wallet):
        def before(self, url, params, purpose):
            if url.path.endswith("/2/tweets"):
                raise Throttled("its own 15 minutes are full", NOW + timedelta(minutes=15))
            return super().before(url, params, purpose)

    found, _, error = ask(world, Slow(), ledgers=ledgers)
    assert error is None
    assert set(ends(found).values()) == {("ok", "")}


def test_a_run_without_profiles_asks_for_none(world):
    window = replace(WINDOW, streams=frozenset({"posts", "messages"}))
    found, log, _ = ask(world, Wallet(), window=window)
    assert not any(path == "/x/2/users" for path, _ in log)
    assert {stream for _, stream in ends(found)} == {"posts", "messages"}


# -- a small national day


@pytest.fixture(scope="module")
def days(postgres):
    """(floors, used, house): two consecutive days over a tenth of the municipalities."""
    with new_warehouse(postgres) as access:
        bodies_of = [o for o in bodies().organisations if o.organisation_type == "municipality"]
        only = {o.organisation_id for o in sorted(bodies_of, key=lambda o: o.organisation_id)[::14]}
        found, before = [], None
        with open_house(access, only=only) as house:
            for number in (0, 1):
                moment = NOW + timedelta(days=number)
                house.at(moment)
                house.sandbox.requests.clear()
                house.scan(*PLATFORMS)
                day = Day(house.world, Window.ending(moment), before)
                used = {name: house.sandbox.requests[name] for name in PLATFORMS}
                found.append(({name: day.floor(name) for name in PLATFORMS}, used))
                before = moment
            yield found, house


def test_two_days_use_at_most_a_twentieth_more_calls_than_the_fewest(days):
    found, house = days
    assert house.rows("select distinct status from raw.outcomes") == [("ok",)]
    for floors, used in found:
        for name, floor in floors.items():
            assert floor > 0
            assert floor <= used[name] <= 1.05 * floor, (name, used[name], floor)
    # on the second day conversations that are over are left alone
    for name in ("bluesky", "linkedin", "threads"):
        assert found[1][1][name] < 0.7 * found[0][1][name]


def test_what_was_spent_is_what_the_sandbox_was_asked(days):
    found, house = days
    spent = dict(house.rows("select platform, sum(calls) from raw.spending group by platform"))
    assert spent == {name: sum(used[name] for _, used in found) for name in PLATFORMS}
    assert house.rows("select sum(held_calls), sum(held_usd) from raw.spending") == [(0, 0)]


def test_a_forecast_is_what_the_last_day_took(days):
    """The first day is left out: nobody's first scan is like the next."""
    found, house = days
    for each in forecast.of_register(house.access, {}):
        if each.platform in PLATFORMS:
            used = found[1][1][each.platform]
            assert each.account_days == each.accounts > 0
            assert each.total.calls == used
    doubled = {f.platform: f for f in forecast.of_register(house.access, {"x": 50})}
    count = sum(a.platform == "x" for a in house.world.accounts)
    assert doubled["x"].accounts == count + 50
    ratio = float(doubled["x"].total.calls) / found[1][1]["x"]
    assert ratio == pytest.approx((count + 50) / count)


def test_the_budget_of_a_run_knows_what_the_day_needs(days, monkeypatch):
    _, house = days
    monkeypatch.setenv("KLANKBORD_BUDGETS", "x=4usd/day")
    budget = forecast.budget_of(house.access, X, "")
    assert budget._needs["profiles"].usd > 0
    assert [str(limit) for limit in budget._limits] == ["x=4usd/day"]
    monkeypatch.delenv("KLANKBORD_BUDGETS")
    assert forecast.budget_of(house.access, X, "")._needs == {}


def test_a_day_that_is_too_dear_reads_profiles_and_some_posts(days, monkeypatch):
    """End to end: the third day has a tenth of the money that it wants."""
    _, house = days
    house.at(NOW + timedelta(days=2))
    wanted = next(f for f in forecast.of_register(house.access, {}) if f.platform == "x")
    money = wanted.costs["profiles"].usd + wanted.costs["posts"].usd / 2
    monkeypatch.setenv("KLANKBORD_BUDGETS", f"x={money:.2f}usd/day")
    house.scan("x")
    ended = {
        (stream, status, reason): count
        for stream, status, reason, count in house.rows(
            "select stream, status, reason, count(*) from raw.outcomes where platform = 'x'"
            " and scan_on = '2026-10-02' group by 1, 2, 3"
        )
    }
    accounts = sum(a.platform == "x" for a in house.world.accounts)
    assert ended["profiles", "ok", ""] == accounts
    assert 0 < ended.get(("posts", "ok", ""), 0) < accounts
    assert ended.get(("messages", "ok", ""), 0) == 0
    [(spent,)] = house.rows(
        "select sum(usd) from raw.spending where platform = 'x' and slot_at >= '2026-10-02'"
    )
    assert spent <= money
