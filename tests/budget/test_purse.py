"""One budget, many processes: never overspent, hardly lost, given back, and shared by purpose."""

import json
import signal
import subprocess
import sys
import textwrap
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from string import ascii_lowercase

import httpx
import pytest

from klankbord import purse, settings, spending
from klankbord.budget import Charge, Cost, Limit, parse_limits
from klankbord.purse import Budget, fingerprint
from klankbord.verdicts import BudgetShort, Throttled
from tests.databases import new_warehouse

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
URL = httpx.URL("http://127.0.0.1/2/users/1/tweets")


@pytest.fixture(scope="module")
def books(postgres):
    """A warehouse for this module; every test has a platform of its own in it."""
    with new_warehouse(postgres) as access:
        yield access


@pytest.fixture
def platform(request):
    name = request.node.nodeid.rpartition("::")[2].translate({48 + n: 97 + n for n in range(10)})
    return "".join(c for c in name if c in ascii_lowercase)


def make(books, platform, limits, **options) -> Budget:
    """A budget at a fixed moment; a request is 1 call, 2 units, $0.10 taken and $0.02 settled."""
    options.setdefault("now", lambda: NOW)
    options.setdefault("price", lambda path, params: Charge(Cost.of(1, 2, "0.10"), "posts"))
    options.setdefault("settled", lambda path, body: Cost.of(1, 2, "0.02"))
    parsed = parse_limits(" ".join(f"{platform}={x}" for x in limits.split()))
    return Budget(books, platform, limits=parsed, **options)


def ask(budget, times=1, purpose=None) -> int:
    """Requests until one is refused; how many went out."""
    for number in range(times):
        try:
            charge = budget.before(URL, {}, purpose)
        except (Throttled, BudgetShort):
            return number
        budget.after(charge, URL, {}, {})
    return times


def rows(books, platform) -> list[dict]:
    return [r for r in spending.report(books, 10_000) if r["platform"] == platform]


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setenv("KLANKBORD_NOW", NOW.isoformat())
    # a refusal is not believed here: the tests look into the books
    monkeypatch.setattr(purse, "BELIEVED_SECONDS", 0.0)


@pytest.mark.parametrize(
    ("limit", "requests"),
    [("120calls/day", 120), ("240units/day", 120), ("2.48usd/day", 120), ("120calls/month", 120)],
)
def test_a_budget_is_spent_to_the_end_and_not_further(books, platform, limit, requests):
    # money: what is taken ($0.10) must fit, though in the end it is $0.02: 119 x 0.02 + 0.10 = 2.48
    budget = make(books, platform, limit)
    assert ask(budget, 500) == requests
    budget.close()
    [row] = rows(books, platform)
    assert (row["calls"], row["units"]) == (requests, 2 * requests)
    assert row["usd"] == Decimal("0.02") * requests
    assert (row["held_calls"], row["held_units"], row["held_usd"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("limit", "again"),
    [("1calls/day", "2026-10-01T00:00Z"), ("1calls/month", "2026-10-01T00:00Z"),
     ("1calls/2hour", None)],
)  # fmt: skip
def test_a_spent_budget_says_when_it_is_filled_again(books, platform, limit, again):
    budget = make(books, platform, limit)
    assert ask(budget, 2) == 1
    with pytest.raises(Throttled, match=rf"budget {platform}=1calls/.* is spent") as caught:
        budget.before(URL, {}, None)
    assert caught.value.reason == "budget_spent"
    left = caught.value.retry_at - datetime.now(UTC)
    if again:
        assert caught.value.retry_at == datetime.fromisoformat(again)
    else:
        assert timedelta() < left <= timedelta(hours=2)
    budget.close()


def test_the_next_day_has_a_budget_of_its_own_and_the_month_goes_on(books, platform):
    moment = [NOW]
    budget = make(books, platform, "10calls/day 15calls/month", now=lambda: moment[0])
    assert ask(budget, 99) == 10
    moment[0] = datetime(2026, 9, 30, 23, 59, tzinfo=UTC)
    assert ask(budget, 99) == 0
    moment[0] = datetime(2026, 10, 1, tzinfo=UTC)
    assert ask(budget, 99) == 10
    moment[0] = datetime(2026, 10, 2, tzinfo=UTC)
    assert ask(budget, 99) == 5
    budget.close()


def test_a_restarted_process_goes_on_where_the_last_one_ended(books, platform):
    for expected in (60, 40, 0):
        budget = make(books, platform, "100calls/day")
        assert ask(budget, 60) == expected
        budget.close()


def test_tokens_have_budgets_of_their_own_and_are_not_to_be_read(books, platform):
    for token in ("first-secret-token", "second-secret-token"):
        budget = make(books, platform, "10calls/day", token=token)
        assert ask(budget, 20) == 10
        budget.close()
    found = rows(books, platform)
    assert len({row["token"] for row in found}) == 2
    assert "secret" not in repr(found)
    assert fingerprint("first-secret-token") in {row["token"] for row in found}
    assert fingerprint("") == "none"


def test_many_at_once_spend_it_together_and_no_more(books, platform):
    sent, lock = [], threading.Lock()

    def work():
        budget = make(books, platform, "1000calls/day 50usd/day")
        count = ask(budget, 1000)
        with lock:
            sent.append(count)
        budget.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    # money was short while all of them held some; what came back is spent by the next
    assert sum(sent) <= 1000
    last = make(books, platform, "1000calls/day 50usd/day")
    assert sum(sent) + ask(last, 1000) == 1000
    last.close()
    [row] = rows(books, platform)
    assert (row["calls"], row["held_calls"]) == (1000, 0)


def test_what_others_hold_may_come_back_soon(books, platform):
    first, second = (make(books, platform, "1calls/day") for _ in range(2))
    first.before(URL, {}, None)  # on its way
    with pytest.raises(Throttled) as caught:
        second.before(URL, {}, None)
    assert caught.value.retry_at == NOW + purse.SOON
    first.close()  # it was sent, and nothing came back
    with pytest.raises(Throttled) as caught:
        second.before(URL, {}, None)
    assert caught.value.retry_at == datetime(2026, 10, 1, tzinfo=UTC)
    second.close()


KILLED = """
    import os, signal, sys
    from klankbord import database
    from tests.budget.test_purse import ask, make
    access = database.access()
    budget = make(__import__("dataclasses").replace(access, dbname=sys.argv[1]), sys.argv[2],
                  "5000calls/day")
    assert ask(budget, int(sys.argv[3])) == int(sys.argv[3])
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("sent", [1, 49, 120])
def test_a_killed_process_costs_at_most_a_slice(books, platform, sent):
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), books.dbname, platform, str(sent)],
        cwd=settings.PROJECT_ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    [row] = rows(books, platform)
    counted = row["calls"] + row["held_calls"]
    assert sent <= counted <= sent + spending.SLICE
    budget = make(books, platform, "5000calls/day")
    assert ask(budget, 6000) == 5000 - counted
    budget.close()


def test_a_slice_is_one_look_into_the_books(books, platform, monkeypatch):
    looked = []
    reserve = spending.Books.reserve
    monkeypatch.setattr(spending.Books, "reserve", lambda *args: looked.append(1) or reserve(*args))
    budget = make(books, platform, "100000calls/day")
    assert ask(budget, 500) == 500
    assert len(looked) == 500 / spending.SLICE
    budget.close()


def test_what_was_not_spent_of_a_page_pays_the_next(books, platform, monkeypatch):
    looked = []
    reserve = spending.Books.reserve
    monkeypatch.setattr(spending.Books, "reserve", lambda *args: looked.append(1) or reserve(*args))
    budget = make(books, platform, "1000usd/day")
    assert ask(budget, 500) == 500  # a slice is 5 dollars; a request takes 10 cents, and costs 2
    assert len(looked) == 2 + 1
    budget.close()


def test_what_was_reserved_yesterday_is_not_spent_today(books, platform):
    moment = [NOW]
    budget = make(books, platform, "100calls/day", now=lambda: moment[0])
    assert ask(budget, 1) == 1  # and nine more are reserved
    moment[0] = NOW + timedelta(days=1)
    assert ask(budget, 200) == 100
    budget.close()
    [row] = rows(books, platform)
    assert (row["calls"], row["held_calls"]) == (101, 0)


def test_a_platform_without_limits_is_only_noted(books, platform):
    budget = make(books, platform, "")
    assert ask(budget, 120) == 120
    [row] = rows(books, platform)  # noted in steps: what a killed process did is known but for one
    assert 120 - row["calls"] <= spending.SLICE
    budget.close()
    [row] = rows(books, platform)
    assert (row["calls"], row["held_calls"]) == (120, 0)


def test_a_database_that_went_away_hides_no_other_error(books, platform, caplog):
    budget = make(books, platform, "100calls/day")
    assert ask(budget, 5) == 5
    with books.connect(books.admin) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(%s)", [budget._books._connection.info.backend_pid]
        )
    budget.close()
    assert "could not be written down (" in caplog.text
    [row] = rows(books, platform)
    assert row["calls"] + row["held_calls"] >= 5  # what was reserved stays counted
    again = make(books, platform, "100calls/day")
    assert ask(again, 200) == 100 - row["held_calls"]
    again.close()


# -- what is given up first

NEEDS = {
    "profiles": Cost.of(10),
    "posts": Cost.of(30),
    "open_threads": Cost.of(40),
    "threads": Cost.of(20),
    "insights": Cost.of(20),
}


def test_a_short_budget_gives_up_the_last_purposes_first(books, platform):
    """70 calls for a day that wants 120: profiles and posts whole, some open threads, no more."""
    budget = make(books, platform, "70calls/day", needs=NEEDS)
    sent = dict.fromkeys(NEEDS, 0)
    for purpose in reversed(NEEDS):  # the worst order
        wanted = int(NEEDS[purpose].calls)
        sent[purpose] = ask(budget, wanted, purpose)
    for purpose in NEEDS:  # and again, with what is left
        wanted = int(NEEDS[purpose].calls)
        sent[purpose] += ask(budget, wanted - sent[purpose], purpose)
    assert sent == {
        "profiles": 10, "posts": 30, "open_threads": 30, "threads": 0, "insights": 0,
    }  # fmt: skip
    budget.close()


def test_a_purpose_that_is_given_up_stops_no_other(books, platform):
    budget = make(books, platform, "20calls/day", needs=NEEDS)
    with pytest.raises(BudgetShort, match="kept for what comes before insights") as caught:
        budget.before(URL, {}, "insights")
    assert (caught.value.status, caught.value.reason) == ("failed", "budget_short")
    assert ask(budget, 10, "profiles") == 10
    budget.close()


def test_what_is_not_needed_any_more_is_free_for_all(books, platform):
    budget = make(books, platform, "100calls/day", needs={"profiles": Cost.of(90)})
    assert ask(budget, 50, "insights") == 10
    assert ask(budget, 90, "profiles") == 90
    budget.close()


def test_what_a_greater_purpose_holds_already_is_not_kept_for_it_again(books, platform):
    first, second = (
        make(books, platform, "200calls/day", needs={"profiles": Cost.of(90)}) for _ in range(2)
    )
    assert ask(first, 1, "profiles") == 1  # holds a tenth of 200
    assert ask(second, 200, "insights") == 200 - 90
    first.close()
    second.close()


def test_a_month_keeps_the_needs_of_its_other_days(books, platform):
    early = datetime(2026, 9, 21, 12, tzinfo=UTC)  # ten days are left
    budget = make(
        books, platform, "150calls/month", needs={"profiles": Cost.of(10)}, now=lambda: early
    )
    assert ask(budget, 99, "insights") == 50
    budget.close()


def test_a_side_bucket_that_is_spent_stops_no_other_request(books, platform):
    limits = [Limit(platform, "calls", Decimal(2), "day", "search")]
    budget = Budget(
        books, platform, limits=limits, now=lambda: NOW,
        price=lambda path, params: Charge(
            Cost.of(1), "posts", "search" if path.endswith("search") else "calls"
        ),
    )  # fmt: skip
    search = httpx.URL("http://127.0.0.1/search")
    for _ in range(2):
        budget.after(budget.before(search, {}, None), search, {}, {})
    with pytest.raises(BudgetShort, match="spent"):
        budget.before(search, {}, None)
    assert ask(budget, 5) == 5
    budget.close()


# -- short windows, and what the platforms tell


@pytest.mark.parametrize("bucket", ["calls", "dma"])
def test_a_window_of_a_minute_is_a_moment_to_come_back_at(books, platform, bucket):
    """Nobody sleeps, and the machine's clock counts: KLANKBORD_NOW does not move."""
    limits = [Limit(platform, "calls", Decimal(1), 60, bucket)]
    budget = Budget(
        books, platform, limits=limits, price=lambda *_: Charge(Cost.of(1), "posts", bucket)
    )
    began = datetime.now(UTC)
    sent = ask(budget, 3)
    if datetime.now(UTC).minute == began.minute:  # else the test met the end of a minute
        assert sent == 1
    with pytest.raises(Throttled) as caught:
        ask(budget, 3)
        budget.before(URL, {}, None)
    assert began < caught.value.retry_at <= datetime.now(UTC) + timedelta(seconds=60)
    budget.close()


def test_a_host_that_has_no_requests_left_is_not_asked(books, platform):
    reset = (datetime.now(UTC) + timedelta(minutes=3)).replace(microsecond=0)
    told = {
        "ratelimit": str(int(reset.timestamp())),  # Bluesky
        "x-ratelimit": reset.isoformat().replace("+00:00", ".000Z"),  # Mastodon
    }
    for name, value in told.items():
        budget = make(books, platform, "")
        charge = budget.before(URL, {}, None)
        headers = {f"{name}-remaining": "0", f"{name}-reset": value}
        budget.after(charge, URL, {}, headers)
        with pytest.raises(Throttled) as caught:
            budget.before(URL, {}, None)
        assert caught.value.retry_at == reset
        other = httpx.URL("http://localhost/2/users/1/tweets")
        budget.after(budget.before(other, {}, None), other, {}, {f"{name}-remaining": "1"})
        budget.close()


def test_metas_percentages_end_purpose_after_purpose(books, platform):
    def after(percent, minutes=0):
        budget = make(books, platform, "")
        usage = {"call_count": percent, "estimated_time_to_regain_access": minutes}
        headers = {"x-business-use-case-usage": json.dumps({"1": [usage]})}
        budget.after(budget.before(URL, {}, None), URL, {}, headers)
        return budget

    for percent, refused in ((74, []), (75, ["insights"]), (91, ["insights", "open_threads"])):
        budget = after(percent)
        for purpose in ("insights", "open_threads", "posts", "profiles"):
            assert ask(budget, 1, purpose) == (0 if purpose in refused else 1), (percent, purpose)
        budget.close()
    budget = after(95, 7)
    with pytest.raises(Throttled) as caught:
        budget.before(URL, {}, "profiles")
    minutes = (caught.value.retry_at - datetime.now(UTC)) / timedelta(minutes=1)
    assert 6.9 < minutes <= 7
    budget.close()


def test_the_settings_limits_take_the_place_of_the_platforms(monkeypatch):
    monkeypatch.setenv("KLANKBORD_BUDGETS", "youtube=9000units/day x=4usd/day")
    found = {str(limit) for limit in purse.limits_of("youtube")}
    assert found == {"youtube=9000units/day", "youtube.search=100calls/day"}
    assert purse.limits_of("youtube")[0].zone == "America/Los_Angeles"
    monkeypatch.setenv("KLANKBORD_SANDBOX", "1")  # it plays the platforms' quotas itself
    assert [str(limit) for limit in purse.limits_of("youtube")] == ["youtube=9000units/day"]
    assert [str(limit) for limit in purse.limits_of("x")] == ["x=4usd/day"]
