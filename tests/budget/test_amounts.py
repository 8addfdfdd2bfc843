"""Amounts, limits, prices: what is written in the settings, and what a request costs."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klankbord.budget import (
    PURPOSES,
    USAGE_CEILING,
    BudgetError,
    Charge,
    Cost,
    Limit,
    counter_purpose,
    kept_for_greater,
    parse_limits,
    thread_purpose,
    usage_percent,
)
from klankbord.platforms import prices
from klankbord.platforms.base import discover
from klankbord.sandbox.linkedin_ways import COMMUNITY, DMA, ONE_A_MINUTE

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)


def test_limits_are_read_as_they_are_written():
    text = "x=4.00usd/day  youtube=9000units/day youtube.search=90calls/day\nmastodon=250calls/5min"
    found = parse_limits(text, {"youtube": "America/Los_Angeles"})
    assert found == [
        Limit("x", "usd", Decimal("4.00"), "day"),
        Limit("youtube", "units", Decimal(9000), "day", zone="America/Los_Angeles"),
        Limit("youtube", "calls", Decimal(90), "day", "search", "America/Los_Angeles"),
        Limit("mastodon", "calls", Decimal(250), 300),
    ]
    assert str(found[2]) == "youtube.search=90calls/day"
    assert str(found[0]) == "x=4usd/day"
    assert parse_limits("") == []


@pytest.mark.parametrize(
    "word",
    [
        "x", "x=4", "x=4usd", "x=usd/day", "x=-4usd/day", "x=4eur/day", "x=4usd/week", "=4usd/day",
        "x=4usd/2day", "x=4usd/0min", "x=1e9usd/day", "X=4usd/day", "x=4usd/day,", "x=٤usd/day",
        "x=1.1234567usd/day",
    ],
)  # fmt: skip
def test_what_is_no_limit_is_one_clear_sentence(word):
    with pytest.raises(BudgetError, match=r"KLANKBORD_BUDGETS holds .*write platform=amount"):
        parse_limits(f"youtube=9000units/day {word}")


@given(
    st.text() | st.from_regex(r"[a-z]{1,9}(\.[a-z]+)?=[0-9.]{1,15}(usd|calls)/[0-9]*(s|min|day)")
)
def test_no_setting_breaks_the_reader(text):
    try:
        found = parse_limits(text)
    except BudgetError:
        return
    for limit in found:
        start, end = limit.window_at(NOW)
        assert start <= NOW < end
        assert parse_limits(str(limit)) == [limit]


@pytest.mark.parametrize(
    ("window", "zone", "moment", "start", "end"),
    [
        ("day", "UTC", "2026-09-30T20:00+00:00", "2026-09-30T00:00Z", "2026-10-01T00:00Z"),
        # 20:00 UTC is 13:00 in California
        ("day", "America/Los_Angeles", "2026-09-30T20:00Z", "2026-09-30T07:00Z",
         "2026-10-01T07:00Z"),
        ("day", "America/Los_Angeles", "2026-09-30T06:59Z", "2026-09-29T07:00Z",
         "2026-09-30T07:00Z"),
        # a day of 25 hours, and one of 23
        ("day", "America/Los_Angeles", "2026-11-01T12:00Z", "2026-11-01T07:00Z",
         "2026-11-02T08:00Z"),
        ("day", "America/Los_Angeles", "2026-03-08T12:00Z", "2026-03-08T08:00Z",
         "2026-03-09T07:00Z"),
        ("month", "UTC", "2026-12-31T23:59Z", "2026-12-01T00:00Z", "2027-01-01T00:00Z"),
        ("month", "UTC", "2028-02-29T12:00Z", "2028-02-01T00:00Z", "2028-03-01T00:00Z"),
        (300, "UTC", "2026-09-30T20:04:59Z", "2026-09-30T20:00Z", "2026-09-30T20:05Z"),
    ],
)  # fmt: skip
def test_windows_begin_and_end_where_the_platform_says(window, zone, moment, start, end):
    limit = Limit("x", "calls", Decimal(1), window, zone=zone)
    assert limit.window_at(datetime.fromisoformat(moment)) == (
        datetime.fromisoformat(start),
        datetime.fromisoformat(end),
    )


def test_days_left_of_a_limit():
    def left(window, moment):
        return Limit("x", "usd", Decimal(1), window).days_left(datetime.fromisoformat(moment))

    assert left("day", "2026-09-30T00:00Z") == 1
    assert left("day", "2026-09-30T23:59Z") == 1
    assert left("month", "2026-09-30T23:59Z") == 1
    assert left("month", "2026-09-01T00:00Z") == 30
    assert left("month", "2026-09-29T10:00Z") == 2
    assert left(300, "2026-09-29T10:00Z") == 0


def test_what_is_kept_is_the_need_of_the_greater_less_what_they_had():
    needs = {"profiles": Cost.of(10), "posts": Cost.of(20), "threads": Cost.of(50)}
    had = {"profiles": Cost.of(10), "posts": Cost.of(5), "insights": Cost.of(99)}
    kept = [kept_for_greater(p, "calls", needs, had, 1) for p in PURPOSES]
    assert kept == [0, 0, 15, 15, 15, 15, 65]
    assert kept_for_greater("insights", "calls", needs, had, 3) == 20 + 55 + 150
    # who had more than was foreseen takes nothing from the others' share
    assert kept_for_greater("posts", "calls", needs, {"profiles": Cost.of(11)}, 1) == 0


def test_the_order_of_purposes_is_one_order():
    assert PURPOSES == (
        "profiles", "posts", "open_threads", "counters_7_28", "counters_1_3", "threads", "insights",
    )  # fmt: skip
    ceilings = [USAGE_CEILING[p] for p in PURPOSES]
    assert ceilings == sorted(ceilings, reverse=True) and len(set(ceilings)) == len(PURPOSES)


def test_purposes_by_age():
    def at(days):
        return NOW - timedelta(days=days)

    assert [thread_purpose(at(d), NOW) for d in (0, 7.9, 8, 30)] == [
        "open_threads", "open_threads", "threads", "threads",
    ]  # fmt: skip
    assert [counter_purpose(at(d), NOW) for d in (1, 6.9, 7, 28)] == [
        "counters_1_3", "counters_1_3", "counters_7_28", "counters_7_28",
    ]  # fmt: skip


# -- prices


def usd(text):
    return Cost(Decimal(1), Decimal(0), Decimal(text))


def test_x_costs_what_can_come_before_and_what_came_after():
    path = "/2/users/12/tweets"
    assert prices.charge("x", path, {"max_results": 100}) == Charge(usd("3.000"), "posts")
    assert prices.charge("x", f"/x{path}", {"max_results": 5}).cost == usd("0.150")
    assert prices.charge("x", "/2/users/12/mentions", {}).purpose == "open_threads"
    users = prices.charge("x", "/2/users/by", {"usernames": "a,b,c"})
    assert users == Charge(usd("0.030"), "profiles")
    assert prices.charge("x", "/2/users", {"ids": "1"}).cost == usd("0.010")
    due = prices.charge("x", "/2/tweets", {"ids": "1,2"}, "counters_1_3")
    assert due == Charge(usd("0.060"), "counters_1_3")
    counts = prices.charge("x", "/2/tweets/counts/recent", {"query": "a"})
    assert counts.cost == usd("0.005")

    body = {"data": [{}, {}], "includes": {"users": [{}], "posts": [{}]}}
    assert prices.settled("x", path, body) == usd("0.025")
    assert prices.settled("x", path, {"meta": {"result_count": 0}}) == usd("0")
    assert prices.settled("x", path, None) == usd("0")
    assert prices.settled("x", "/2/users/by", {"data": [{}] * 3, "errors": [{}]}) == usd("0.030")


def test_youtube_counts_units_and_searches_apart_also_when_refused():
    one = Cost(Decimal(1), Decimal(1), Decimal(0))
    for path, purpose, bucket in (
        ("/youtube/v3/channels", "profiles", "calls"),
        ("/youtube/v3/playlistItems", "posts", "calls"),
        ("/youtube/v3/commentThreads", "open_threads", "calls"),
        ("/youtube/v3/search", "insights", "search"),
    ):
        assert prices.charge("youtube", path, {}) == Charge(one, purpose, bucket)
        assert prices.settled("youtube", path, None) == one
    assert prices.charge("youtube", "/v2/reports", {}).cost.units == 0


def test_a_platform_without_prices_pays_a_call():
    assert prices.charge("nowhere", "/a/b", {"limit": 5}) == Charge(Cost.of(1), "posts")
    assert prices.settled("nowhere", "/a/b", {"data": [1, 2]}) == Cost.of(1)


wild = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda v: (
        st.lists(v, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "includes", "users", "posts"]), v, max_size=3)
    ),
    max_leaves=8,
)


@given(platform=st.sampled_from(sorted(prices.TARIFFS)), path=st.text(max_size=30), body=wild)
def test_every_answer_has_a_price(platform, path, body):
    cost = prices.settled(platform, path, body)
    assert cost.calls == 1 and cost.usd >= 0


@given(count=st.integers(0, 100), people=st.integers(0, 200), others=st.integers(0, 100))
def test_what_comes_never_costs_more_than_was_taken(count, people, others):
    ids = ",".join("1" * max(1, count))
    body = {
        "data": [{}] * count,
        "includes": {"users": [{}] * min(people, 2 * count), "posts": [{}] * min(others, count)},
    }
    for path, params in (("/2/tweets", {"ids": ids}), ("/2/users/1/tweets", {"max_results": 100})):
        taken = prices.charge("x", path, params).cost
        assert prices.settled("x", path, body).usd <= taken.usd


def test_every_tariff_says_where_and_when_it_was_read():
    for name, tariff in prices.TARIFFS.items():
        assert tariff.source.startswith("https://"), name
        assert datetime.fromisoformat(tariff.read_on)
        assert all(limit.platform == name for limit in tariff.quota)


def test_every_connector_foresees_a_day():
    for cls in discover().values():
        found = cls.forecast(400, 0.7, 3.0)
        assert set(found) <= set(PURPOSES), cls.name
        assert sum(cost.calls for cost in found.values()) >= 4, cls.name
        twice = cls.forecast(800, 0.7, 3.0)
        assert sum(c.calls for c in twice.values()) > sum(c.calls for c in found.values())


def test_four_hundred_accounts_of_x():
    """The figures of X's own price list: 400 profiles at $0.010; 280 posts at $0.005."""
    found = discover()["x"].forecast(400, 0.7, 3.0)
    assert found["profiles"] == Cost(Decimal(4), Decimal(0), Decimal("4.000"))
    assert found["posts"].usd == Decimal("4.200")  # and one person each, at the worst
    assert found["counters_7_28"].calls == 6


def test_four_hundred_owners_of_x_are_asked_for_their_posts_once_more():
    found = discover()["x"].forecast(400, 0.7, 3.0, owners=400)
    assert found["insights"].usd == Decimal("7.00")  # 5 readings of 280 posts at $0.005
    assert 380 < found["insights"].calls < 400  # some have nothing that is due
    public = discover()["x"].forecast(400, 0.7, 3.0)
    assert public["insights"].calls == 0
    assert {n: c for n, c in found.items() if n != "insights"} == {
        n: c for n, c in public.items() if n != "insights"
    }


def test_who_shows_insights_foresees_them_for_owners():
    for cls in discover().values():
        few, many = (cls.forecast(100, 0.7, 3.0, owners).get("insights") for owners in (0, 10))
        if "insights" in cls.streams:
            assert (few.calls if few else 0) == 0 < many.calls, cls.name
        else:
            assert few is many is None, cls.name
        assert cls.is_owners_only == (cls.name in ("linkedin", "tiktok", "threads"))


@pytest.mark.parametrize(
    ("path", "bucket", "purpose"),
    [
        ("/rest/dmaFeedContentsExternal", "dma_feed", "posts"),
        ("/rest/dmaOrganizationalPageFollows", "dma_follows", "profiles"),
        # answers of any number, so these wait for nobody
        ("/rest/dmaOrganizations", "calls", "profiles"),
        ("/rest/dmaOrganizationalPageProfiles", "calls", "profiles"),
        ("/rest/dmaOrganizationalPageContentAnalytics", "calls", "insights"),
        ("/rest/dmaPosts", "calls", "posts"),
        ("/rest/dmaSocialMetadata", "calls", "posts"),
        ("/rest/dmaComments", "calls", "open_threads"),
        ("/rest/organizations", "calls", "profiles"),
        ("/rest/networkSizes/urn:li:organization:1", "calls", "profiles"),
        ("/rest/organizationalEntityShareStatistics", "calls", "insights"),
        ("/rest/organizationalEntityFollowerStatistics", "calls", "insights"),
        ("/rest/socialActions/urn:li:share:1/comments", "calls", "open_threads"),
        ("/rest/posts", "calls", "posts"),
        ("/rest/socialMetadata", "calls", "posts"),
    ],
)
def test_what_a_call_of_linkedin_is_and_which_of_them_is_one_a_minute(path, bucket, purpose):
    charge = prices.charge("linkedin", path, {})
    assert (charge.bucket, charge.purpose) == (bucket, purpose)
    assert charge.cost == Cost(Decimal(1), Decimal(0), Decimal(0))


def test_linkedins_minutes_are_those_of_the_sandbox():
    buckets = {path: prices.charge("linkedin", path, {}).bucket for path in (*COMMUNITY, *DMA)}
    limited = {path for path, bucket in buckets.items() if bucket != "calls"}
    assert limited == ONE_A_MINUTE
    quota = prices.tariff("linkedin").quota
    assert {limit.bucket for limit in quota} == {"dma_feed", "dma_follows"}
    assert {(limit.amount, limit.window) for limit in quota} == {(1, 60)}


# -- Meta's usage headers


def test_usage_is_the_highest_percentage_of_all():
    rows = [
        {"call_count": 10, "total_cputime": 80, "total_time": 5},
        {"call_count": 28, "estimated_time_to_regain_access": 19},
    ]
    headers = {
        "x-app-usage": json.dumps({"call_count": 40, "total_time": 25}),
        "x-business-use-case-usage": json.dumps({"123": rows}),
    }
    assert usage_percent(headers) == (80, 19)
    assert usage_percent({}) == (0, 0)


@given(
    st.dictionaries(
        st.sampled_from(["x-app-usage", "x-business-use-case-usage"]),
        st.text() | wild.map(json.dumps) | st.floats().map(lambda f: f'{{"call_count": {f}}}'),
    )
)
def test_no_usage_header_breaks_the_reader(headers):
    percent, minutes = usage_percent(headers)
    assert percent >= 0 and minutes >= 0
