"""The Instagram connector against the sandbox's routes, over real HTTP, and the three lints."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from facebook_business.adobjects.igcomment import IGComment
from facebook_business.adobjects.igmedia import IGMedia
from facebook_business.adobjects.iguser import IGUser
from facebook_business.adobjects.instagraminsightsresult import InstagramInsightsResult
from facebook_business.adobjects.page import Page
from msgspec import structs
from tests.meta_world import TOKEN, Meta, renamed, running, small_world, tiers
from tests.pipeline.house import NOW

from klankbord.platforms import instagram as module
from klankbord.platforms import instagram_calls
from klankbord.platforms.base import Window
from klankbord.platforms.events import INSIGHT_KEYS, Item, Outcome, ThreadRead
from klankbord.platforms.instagram import Instagram
from klankbord.platforms.instagram_answers import (
    BEFORE_BUSINESS,
    NOT_ENOUGH_VIEWERS,
    classify,
    comment_item,
)
from klankbord.platforms.instagram_insights import SETTLED
from klankbord.platforms.ledger import Reading
from klankbord.platforms.metrics import offered
from klankbord.platforms.refusals import BAD_METRIC
from klankbord.privacy import minimise
from klankbord.sandbox import facebook_fields, instagram_objects
from klankbord.sandbox.facebook_fields import Field, parse_fields
from klankbord.sandbox.insights import PACIFIC, day_end, days_ending
from klankbord.sandbox.instagram_objects import OWN_ID
from klankbord.sandbox.model import WorldAccount
from klankbord.verdicts import Kind, Throttled

WINDOW = Window.ending(NOW)
OK = ("ok", "")


@pytest.fixture(scope="module")
def served() -> Iterator[Meta]:
    """The busiest account is its owner's (T3), the second gives its comments only, all others
    nothing but what is public."""
    world = small_world("instagram", 40)
    mine, quiet = rank(world)[:2]
    with pytest.MonkeyPatch.context() as patch:
        others = {a.account_id.replace("-", "_"): "T1" for a in world.accounts}
        own = {mine.account_id.replace("-", "_"): "T3", quiet.account_id.replace("-", "_"): "T2"}
        tiers(world, patch, **{**others, **own})
        with running(Instagram, world) as meta:
            yield meta


def rank(world: Any) -> list[WorldAccount]:
    """The accounts that answer most, and then those with most comments, first."""

    def said(one: WorldAccount) -> tuple[int, int]:
        replies = sum(m.kind == "reply" for m in world.own(one, WINDOW.since, NOW))
        enough = one.followers_start > 100
        return replies * enough, len(world.incoming(one, WINDOW.since, NOW)) * enough

    return sorted(world.accounts, key=said, reverse=True)


@pytest.fixture
def meta(served: Meta) -> Iterator[Meta]:
    served.sandbox.set_clock(NOW)
    yield served
    served.sandbox.faults.clear()


def mine(meta: Meta, **more: Any) -> Any:
    return meta.account(rank(meta.world)[0], "T3", **more)


def other(meta: Meta, place: int = 2) -> Any:
    return meta.account(rank(meta.world)[place], "T1")


def world_of(meta: Meta, account: Any) -> WorldAccount:
    return meta.world.account(account.account_id)


def media_of(meta: Meta, one: WorldAccount, since: datetime = WINDOW.since) -> list[Any]:
    return [m for m in meta.world.own(one, since, NOW) if m.kind == "original"]


# --- own accounts ------------------------------------------------------------------------------


def test_one_call_brings_an_own_account_whole(meta: Meta) -> None:
    one = rank(meta.world)[1]
    account = meta.account(one, "T2")
    found = meta.scan(account)
    assert len(found.asked) == 1 and set(found.ends.values()) == {OK}
    assert set(s for _, s in found.ends) == {"profiles", "posts", "messages"}
    [profile] = found.profiles
    assert profile.payload["followers_count"] == meta.world.followers(one, NOW)
    posts = media_of(meta, one)
    assert [p.item_id for p in found.posts] == [str(m.message_id) for m in posts]
    below = [
        m
        for root in media_of(meta, one, WINDOW.since - module.OLDER_MEDIA)
        for m in meta.world.thread(one, root.message_id, NOW)
        if m.message_id != root.message_id and WINDOW.since <= m.created_at < NOW
    ]
    assert {m.item_id for m in found.messages} == {str(m.message_id) for m in below}
    assert len(found.messages) == len(below) > 3
    [ended] = [e for e in found.events if isinstance(e, Outcome) and e.stream == "posts"]
    assert ended.complete_since == WINDOW.since


def test_who_said_what_to_whom(meta: Meta) -> None:
    account = mine(meta)
    one = world_of(meta, account)
    found = meta.scan(account)
    said = {m.item_id: m for m in found.messages}
    kinds = set()
    for message_id, item in said.items():
        message = meta.world.message(one, int(message_id))
        is_nested = message.parent_id != message.root_id
        kinds.add((message.kind, is_nested))
        assert item.is_own == message.is_own and item.created_at == message.created_at
        assert item.author_id == str(message.author.user_id if message.author else one.user_id)
        assert item.thread_id == item.payload["media_id"] == str(message.root_id)
        assert item.payload.get("parent_id") == (str(message.parent_id) if is_nested else None)
        assert item.is_reply == (message.is_own and is_nested)
        assert item.text == message.text
    assert {("incoming", False), ("reply", True)} <= kinds
    answered = {p.item_id: p.answers for p in found.posts}
    for root_id, count in answered.items():
        assert count == len(meta.world.thread(one, int(root_id), NOW)) - 1
    with_comments = {i for i, count in answered.items() if count}
    read = {e.thread_id for e in found.events if isinstance(e, ThreadRead)}
    assert with_comments <= read


def test_media_comments_and_replies_are_followed_to_the_last(
    meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = renamed(mine(meta), access_tier="T2")
    whole = meta.scan(account)
    for place, name, size in (
        (module, "MEDIA", 3),
        (module, "NESTED_COMMENTS", 1),
        (module, "NESTED_REPLIES", 1),
        (instagram_calls, "NESTED_REPLIES", 1),
        (instagram_calls, "COMMENTS", 2),
    ):
        monkeypatch.setattr(place, name, size)
    paged = meta.scan(account)
    edges = [path.rpartition("/")[2] for path, _ in paged.asked]
    assert {"media", "comments"} <= set(edges)
    assert [p.item_id for p in paged.posts] == [p.item_id for p in whole.posts]
    assert [m.item_id for m in paged.messages] == [m.item_id for m in whole.messages]
    assert set(paged.ends.values()) == {OK}


def test_longer_threads_are_only_asked_for_when_they_are_due(
    meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NESTED_COMMENTS", 1)
    first = renamed(mine(meta), access_tier="T2")
    one = world_of(meta, first)
    roots = media_of(meta, one, WINDOW.since - module.OLDER_MEDIA)
    known = {
        str(m.message_id): Reading(m.created_at, NOW, meta.world.counters(one, m, NOW).comments)
        for m in roots
        if m.created_at >= WINDOW.since  # others are in no row
    }
    later = mine(meta, posts=known, messages_known_until=NOW)
    later = renamed(later, access_tier="T2")
    whole, found = meta.scan(first), meta.scan(later)
    asked = {path.split("/")[2] for path, _ in found.asked if path.endswith("/comments")}
    young = {str(m.message_id) for m in roots if m.created_at + timedelta(days=14) > NOW}
    assert asked < {path.split("/")[2] for path, _ in whole.asked if path.endswith("/comments")}
    assert asked and asked <= young
    read = {e.thread_id for e in found.events if isinstance(e, ThreadRead)}
    skipped = {e.thread_id for e in whole.events if isinstance(e, ThreadRead)} - read
    assert skipped and not skipped & young
    assert not any(m.thread_id in skipped for m in found.messages)


def test_a_snapshot_asks_for_nothing_but_the_profile(meta: Meta) -> None:
    window = Window(WINDOW.scan_on, WINDOW.since, NOW, frozenset({"profiles"}))
    for account in (mine(meta), other(meta)):
        found = meta.scan(account, window=window)
        assert found.posts == found.messages == found.insights == [] and len(found.profiles) == 1
        assert not any("media{" in p["fields"] or ".limit" in p["fields"] for _, p in found.asked)


# --- others ------------------------------------------------------------------------------------


def test_others_are_seen_through_our_own_account(meta: Meta) -> None:
    accounts = [other(meta, place) for place in range(2, 8)]
    found = meta.scan(*accounts)
    assert len(found.asked) == 1 + len(accounts)  # who we are is asked for once
    assert found.asked[0] == ("/instagram/me", {"fields": "instagram_business_account{id}"})
    assert all(path == f"/instagram/{OWN_ID}" for path, _ in found.asked[1:])
    assert set(found.ends) == {(a.account_id, s) for a in accounts for s in ("profiles", "posts")}
    assert set(found.ends.values()) == {OK}
    for account in accounts:
        one = world_of(meta, account)
        posts = [p for p in found.posts if p.account_id == account.account_id]
        assert [p.item_id for p in posts] == [str(m.message_id) for m in media_of(meta, one)]
        assert [p.answers for p in posts] == [
            meta.world.counters(one, m, NOW).comments for m in media_of(meta, one)
        ]
    assert found.messages == []


def test_others_media_are_followed_until_they_are_older_than_the_window(
    meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = other(meta)
    whole = meta.scan(account)
    monkeypatch.setattr(instagram_calls, "OTHERS_MEDIA", 2)
    paged = meta.scan(account)
    assert [p.item_id for p in paged.posts] == [p.item_id for p in whole.posts]
    pages = [p for _, p in paged.asked if "after" in p.get("fields", "")]
    assert pages and len(paged.asked) <= 2 + len(whole.posts) // 2 + 2  # not the whole history
    meta.sandbox.faults.add("instagram", "repeated_page", account=".after(")
    broken = meta.scan(account)
    assert broken.ends[account.account_id, "posts"] == ("failed", "repeated_page")
    assert broken.ends[account.account_id, "profiles"] == OK and broken.posts == []


def test_an_account_of_others_is_no_node_of_ours(meta: Meta) -> None:
    """The sandbox refuses it as Graph does, so the connector must go by discovery."""
    account = renamed(other(meta), access_tier="T2")
    found = meta.scan(account)
    assert set(found.ends.values()) == {("gone", "account_not_found")}


def test_who_is_not_there_is_gone(meta: Meta) -> None:
    nobody = renamed(other(meta), account_id="nobody", handle="nobody.here")
    found = meta.scan(nobody, other(meta))
    assert found.ends["nobody", "posts"] == ("gone", "account_not_found")
    assert found.ends[other(meta).account_id, "posts"] == OK


def test_a_page_without_a_professional_account_says_so(meta: Meta) -> None:
    class Lone:
        def get(self, path: str, params: Any, **_: Any) -> Any:
            return {"id": "1"}

    events = list(Instagram(Lone()).extract([other(meta)], WINDOW))  # type: ignore[arg-type]
    assert {e.reason for e in events} == {"permission"}
    assert "KLANKBORD_INSTAGRAM_TOKEN" in events[0].detail


# --- ways of saying no -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("token_expired", ("refused", "token_expired")),
        ("permission", ("refused", "permission")),
        ("not_found", ("gone", "account_not_found")),
        ("server_error", ("failed", "server_error")),
        ("cut_json", ("failed", "malformed_answer")),
    ],
)
@pytest.mark.parametrize("is_own", [True, False])
def test_an_error_of_one_account_concerns_only_it(
    meta: Meta, kind: str, end: tuple[str, str], is_own: bool
) -> None:
    hit = mine(meta) if is_own else other(meta)
    place = {"path": f"/{hit.platform_user_id}"} if is_own else {"account": f"({hit.handle})"}
    meta.sandbox.faults.add("instagram", kind, times=4, **place)
    found = meta.scan(other(meta, 3), hit, other(meta, 4))
    bad = {key for key, value in found.ends.items() if value != OK}
    assert bad == {(hit.account_id, s) for s in Instagram.streams_of(hit, WINDOW)}
    assert {found.ends[key] for key in bad} == {end}


@pytest.mark.parametrize(
    ("kind", "minutes"), [("throttle", 5), ("quota_spent", 60), ("throttle_400", 15)]
)
def test_throttling_is_raised_after_what_is_complete(meta: Meta, kind: str, minutes: int) -> None:
    hit = other(meta, 3)
    meta.sandbox.faults.add("instagram", kind, account=f"({hit.handle})")
    events, source = [], meta.connector()
    with pytest.raises(Throttled) as raised:
        for event in source.extract([other(meta), hit, other(meta, 4)], WINDOW):
            events.append(event)
    wait = raised.value.retry_at - datetime.now(UTC)
    assert timedelta(minutes=minutes - 1) < wait <= timedelta(minutes=minutes)
    assert {e.account_id for e in events} == {other(meta).account_id}


def test_failing_comments_cost_the_messages_and_no_more(
    meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NESTED_COMMENTS", 1)
    meta.sandbox.faults.add("instagram", "permission", path="/comments")
    account = mine(meta)
    found = meta.scan(account)
    assert found.ends.pop((account.account_id, "messages")) == ("refused", "permission")
    assert set(found.ends.values()) == {OK} and found.messages == [] and found.insights


def test_failing_media_cost_what_stands_on_them(
    meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MEDIA", 3)
    meta.sandbox.faults.add("instagram", "repeated_page", path="/media")
    account = mine(meta)
    found = meta.scan(account)
    assert found.ends.pop((account.account_id, "profiles")) == OK  # only observable now: kept
    assert set(found.ends.values()) == {("failed", "repeated_page")}
    assert found.posts == found.messages == found.insights == []


def test_an_empty_last_page_is_the_end(meta: Meta) -> None:
    account = renamed(mine(meta), access_tier="T2")
    whole = meta.scan(account)
    meta.sandbox.faults.add("instagram", "empty_last_page", path=f"/{account.platform_user_id}")
    found = meta.scan(account)
    assert set(found.ends.values()) == {OK} and len(found.asked) == len(whole.asked) + 1
    assert [p.item_id for p in found.posts] == [p.item_id for p in whole.posts]


def test_too_much_data_is_asked_for_in_smaller_parts(
    meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = meta.scan(mine(meta))
    monkeypatch.setattr(facebook_fields, "MOST_WORK", 1_000)
    found = meta.scan(mine(meta))
    assert [m.item_id for m in found.messages] == [m.item_id for m in whole.messages]
    assert [p.item_id for p in found.posts] == [p.item_id for p in whole.posts]
    pair = meta.scan(mine(meta), other(meta))
    assert f"limit({instagram_calls.OTHERS_MEDIA})" in pair.asked[-1][1]["fields"]  # whole again


@pytest.mark.parametrize(
    ("about", "is_own"),
    [
        ({"from": {"id": "9"}}, True),
        ({"user": {"id": "9"}}, True),
        ({"from": {"id": "8"}, "user": {"id": "9"}}, True),
        ({"from": {"id": "8"}}, False),
        ({}, False),
    ],
)
def test_an_own_comment_is_known_by_either_id(
    meta: Meta, about: dict[str, Any], is_own: bool
) -> None:
    row = {"id": "1", "timestamp": "2026-09-30T07:00:00+0000", **about}
    item = comment_item(mine(meta), "9", "2", row)
    assert item.is_own == is_own
    assert item.author_id == ("9" if is_own else about.get("from", {}).get("id"))


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (
            {"code": 10, "message": "(#10) Not enough viewers for the media to show insights"},
            Kind.BAD_REQUEST,
            NOT_ENOUGH_VIEWERS,
        ),
        ({"code": 10, "message": "(#10) Application does not"}, Kind.REFUSED, "permission"),
        (
            {
                "code": 100,
                "error_subcode": 2108006,
                "message": "Media posted before business account conversion: no metric",
            },
            Kind.BAD_REQUEST,
            BEFORE_BUSINESS,
        ),
        ({"code": 100, "error_subcode": 33}, Kind.GONE, "account_not_found"),
        ({"code": 110, "message": "Invalid user id"}, Kind.GONE, "account_not_found"),
        ({"code": 190}, Kind.REFUSED, "token_expired"),
        ({"code": 80002}, Kind.THROTTLED, "throttled"),
        (
            {"code": 100, "message": "(#100) The metric shares is not supported for this media"},
            Kind.BAD_REQUEST,
            BAD_METRIC,
        ),
        ({"code": 100, "message": "(#100) nonexisting field"}, Kind.BAD_REQUEST, "bad_request"),
    ],
)
def test_what_graph_means(body: dict[str, Any], kind: Kind, reason: str) -> None:
    verdict = classify(httpx.Response(400, json={"error": body}))
    assert (verdict.kind, verdict.reason) == (kind, reason)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"error": 3}', b'{"error": {}}'])
def test_answers_that_are_no_graph_error(content: bytes) -> None:
    assert classify(httpx.Response(502, content=content)).kind is Kind.RETRY
    assert classify(httpx.Response(404, content=content)).kind is Kind.BAD_REQUEST
    assert classify(httpx.Response(200, content=content)).kind is Kind.OK


def test_the_token_is_nowhere(meta: Meta, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "klankbord")
    meta.tokens.clear()
    source = meta.connector(lambda *_: "an-owners-own")
    found = meta.scan(mine(meta), other(meta), source=source)
    assert meta.tokens == ["Bearer an-owners-own", f"Bearer {TOKEN}", f"Bearer {TOKEN}"]
    assert found.ends[mine(meta).account_id, "posts"] == ("refused", "token_expired")
    stored = [
        minimise(e, Instagram.fields[e.stream], "instagram", "key")
        for e in found.events
        if isinstance(e, Item)
    ]
    said = json.dumps(stored) + caplog.text + str(found.details) + str(found.asked)
    assert TOKEN not in said and "an-owners-own" not in said


def test_what_is_stored(meta: Meta) -> None:
    found = meta.scan(mine(meta))
    texts = "".join(
        json.dumps(minimise(e, Instagram.fields[e.stream], "instagram", "key"))
        for e in found.events
        if isinstance(e, Item)
    )
    one = world_of(meta, mine(meta))
    people = [m.author for m in meta.world.incoming(one, WINDOW.since, NOW)]
    assert people
    for person in people:
        for trace in (person.name, person.handle, person.avatar_url, str(person.user_id)):
            assert trace not in texts
    keys = {
        frozenset(minimise(m, Instagram.fields["messages"], "instagram", "k")[1])
        for m in found.messages
    }
    base = {"id", "timestamp", "media_id", "klankbord"}
    assert keys <= {frozenset(base), frozenset({*base, "parent_id"})}
    tagged = {**found.posts[0].payload, "caption": "Dank @jan.janssens!"}
    post = structs.replace(found.posts[0], text=tagged["caption"], payload=tagged)
    assert minimise(post, Instagram.fields["posts"], "instagram", "k")[1]["caption"] == "Dank @_!"


# --- insights ----------------------------------------------------------------------------------


def values(found: SimpleNamespace, metric: str) -> dict[str, Any]:
    return {
        i.payload["end_time"]: i.payload["value"]
        for i in found.insights
        if i.payload["metric"] == metric and i.payload["object"] == "account"
    }


def test_the_accounts_days_come_in_one_call(meta: Meta) -> None:
    account = mine(meta)
    one = world_of(meta, account)
    found = meta.scan(account)
    days = days_ending(WINDOW.since, NOW)
    calls = [p["fields"] for path, p in found.asked if "insights.metric" in p.get("fields", "")]
    assert len(calls) == 1
    for metric, name in (
        ("reach", "reach"),
        ("views", "views"),
        ("follower_count", "new_followers"),
    ):
        told = values(found, metric)
        assert list(told) == [day_end(day).strftime("%Y-%m-%dT%H:%M:%S+0000") for day in days]
        expected = [meta.world.insight(one, None, name, day) for day in days]
        # the day that ended 13 hours ago is not complete
        assert [*told.values()] == [*expected[:-1], expected[-1] * 9 // 10]
    assert all(set(i.payload) == INSIGHT_KEYS for i in found.insights)


def test_a_total_is_asked_for_until_its_day_was_seen_settled(meta: Meta) -> None:
    known = NOW - timedelta(days=1)
    found = meta.scan(mine(meta, insights_known_until=known))
    ends = [datetime.fromisoformat(end) for end in values(found, "views")]
    assert all(end + SETTLED > known for end in ends)
    assert len(ends) == 3 and max(ends) == day_end(days_ending(WINDOW.since, NOW)[-1])
    assert len(values(found, "reach")) == 30  # the series costs nothing more


def test_few_followers_have_no_series_of_new_ones(
    meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meta.world, "followers", lambda account, moment: 99)
    found = meta.scan(mine(meta))
    assert values(found, "follower_count") == {} and len(values(found, "reach")) == 30
    assert "follower_count" not in str(found.asked)
    assert found.refused == []


def test_an_older_window_is_read_in_parts_of_thirty_days(meta: Meta) -> None:
    since = NOW - timedelta(days=100)
    window = Window(WINDOW.scan_on, since, NOW, frozenset({"insights"}))
    found = meta.scan(mine(meta), window=window)
    assert found.ends[mine(meta).account_id, "insights"] == OK
    assert len(values(found, "reach")) == len(values(found, "views")) == 100
    followers = [datetime.fromisoformat(end) for end in values(found, "follower_count")]
    assert len(followers) == 30 and min(followers).astimezone(PACIFIC).hour == 0


def test_media_are_asked_one_by_one_when_they_are_due(meta: Meta) -> None:
    one = world_of(meta, mine(meta))
    known = NOW - timedelta(days=1)
    found = meta.scan(mine(meta, insights_known_until=known))
    asked = [path.split("/")[2] for path, _ in found.asked if path.endswith("/insights")]
    due = [
        str(m.message_id)
        for m in media_of(meta, one)
        if any(known <= m.created_at + timedelta(days=d) <= NOW for d in (0, 1, 3, 7, 28))
    ]
    assert sorted(asked) == sorted(due) and len(set(asked)) == len(asked) > 0
    assert len(due) < len(media_of(meta, one))
    kinds = {p.item_id: p.payload["media_product_type"] for p in found.posts}
    for path, params in found.asked:
        if path.endswith("/insights"):
            kind = kinds[path.split("/")[2]]
            assert params["metric"].split(",") == offered(
                "instagram", "post", WINDOW.scan_on, kind=kind
            )
    for item in found.insights:
        if item.payload["object"] == "post":
            assert item.payload["end_time"] is None and item.payload["period"] == "lifetime"
            assert item.item_id.endswith(f"/lifetime/{WINDOW.scan_on}")


def test_a_refused_metric_costs_that_metric_of_that_kind(meta: Meta) -> None:
    meta.sandbox.faults.add("instagram", "withdrawn_metric", account="follows", times=99)
    found = meta.scan(mine(meta))
    assert found.ends[mine(meta).account_id, "insights"] == OK
    assert [r.metric for r in found.refused] == ["follows"]
    told = {i.payload["metric"] for i in found.insights if i.payload["object"] == "post"}
    assert told == {"reach", "views", "total_interactions", "saved", "shares", "profile_visits"}
    asked = [p["metric"] for path, p in found.asked if path.endswith("/insights")]
    posts = len(media_of(meta, world_of(meta, mine(meta))))
    assert len(asked) <= posts + 2 * 5  # found by halves once for pictures, once for albums


def test_what_pictures_refuse_reels_may_have(meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    from klankbord.sandbox import instagram_insights as sandbox

    real = sandbox.of_media

    def of_media(box: Any, account: Any, one: Any, kind: str, asked: Any) -> Any:
        is_picture = instagram_objects.kind_of(one)[0] == "IMAGE"
        if is_picture and "shares" in asked.modifiers["metric"].split(","):
            said = "(#100) The metric shares is not supported for this media type"
            raise facebook_fields.GraphError(400, 100, said)
        return real(box, account, one, kind, asked)

    monkeypatch.setattr(sandbox, "of_media", of_media)
    found = meta.scan(mine(meta))
    kinds = {p.item_id: p.payload["media_type"] for p in found.posts}
    with_shares = {
        i.payload["object_id"] for i in found.insights if i.payload["metric"] == "shares"
    }
    assert with_shares == {i for i, kind in kinds.items() if kind != "IMAGE"}
    assert [r.metric for r in found.refused] == ["shares"]
    calls = sum(path.endswith("/insights") for path, _ in found.asked)
    assert calls == len(found.posts) + 1  # the complaint names it


def test_a_metric_that_the_kind_does_not_have_is_named(
    meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klankbord.sandbox import instagram_insights as sandbox

    monkeypatch.setitem(sandbox.OF_KIND, "FEED", dict(sandbox.OF_KIND["REELS"]))
    found = meta.scan(mine(meta))
    assert {r.metric for r in found.refused} == {"profile_visits", "follows"}
    assert found.ends[mine(meta).account_id, "insights"] == OK


@pytest.mark.parametrize("message", ["(#10) Not enough viewers for the media to show insights", ""])
def test_media_without_insights_are_absent_and_no_failure(
    meta: Meta, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klankbord.sandbox import instagram_insights as sandbox

    hit = media_of(meta, world_of(meta, mine(meta)))[0]
    real = sandbox.of_media

    def of_media(box: Any, account: Any, one: Any, *rest: Any) -> Any:
        if one.message_id == hit.message_id:
            if message:
                raise facebook_fields.GraphError(400, 10, message)
            raise facebook_fields.GraphError(400, 100, "Invalid", error_subcode=2108006)
        return real(box, account, one, *rest)

    monkeypatch.setattr(sandbox, "of_media", of_media)
    found = meta.scan(mine(meta))
    assert found.ends[mine(meta).account_id, "insights"] == OK and found.refused == []
    told = {i.payload["object_id"] for i in found.insights} - {None}
    assert told == {p.item_id for p in found.posts} - {str(hit.message_id)}


def test_media_that_went_meanwhile_are_absent(meta: Meta) -> None:
    hit = str(media_of(meta, world_of(meta, mine(meta)))[0].message_id)
    meta.sandbox.faults.add("instagram", "not_found", path=f"/{hit}/insights")
    found = meta.scan(mine(meta))
    assert found.ends[mine(meta).account_id, "insights"] == OK
    assert hit not in {i.payload["object_id"] for i in found.insights}


@pytest.mark.parametrize(
    ("kind", "end"),
    [("permission", ("refused", "permission")), ("server_error", ("failed", "server_error"))],
)
def test_insights_that_fail_cost_nothing_else(meta: Meta, kind: str, end: Any) -> None:
    meta.sandbox.faults.add("instagram", kind, path="/insights", times=4)
    found = meta.scan(mine(meta))
    assert found.ends.pop((mine(meta).account_id, "insights")) == end
    assert set(found.ends.values()) == {OK} and found.insights == []


# --- the three lints, against facebook-business ------------------------------------------------


def names(cls: Any) -> set[str]:
    return {value for key, value in vars(cls).items() if not key.startswith("_")}


#: what an edge may be asked with, by the SDK (limit and after are Graph's own)
PARAMETERS = {
    "media": {"since", "until"},
    "comments": set(),
    "replies": set(),
    "insights": {"breakdown", "metric", "metric_type", "period", "since", "timeframe", "until"},
    "business_discovery": {"username"},
}
NODES: dict[str, Any] = {
    "media": IGMedia,
    "comments": IGComment,
    "replies": IGComment,
    "business_discovery": IGUser,
    "insights": InstagramInsightsResult,
}
#: edges that stand in a node's fields
EDGES = {IGUser: {"media", "insights"}, IGMedia: {"comments"}, IGComment: {"replies"}, Page: set()}


def wrong(fields: list[Field], cls: Any) -> set[str]:
    """The fields and modifiers that the SDK does not know."""
    found = set()
    for field in fields:
        if field.name in EDGES.get(cls, ()) or field.name == "business_discovery":
            extra = set(field.modifiers) - PARAMETERS[field.name] - {"limit", "after", "as"}
            found |= {f"{field.name}.{m}" for m in extra}
            found |= wrong(field.fields or [], NODES[field.name])
        elif field.name not in names(cls.Field):
            found.add(f"{cls.__name__}.{field.name}")
    return found


def test_request_and_field_lint(meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NESTED_COMMENTS", 1)
    monkeypatch.setattr(module, "MEDIA", 3)
    monkeypatch.setattr(instagram_calls, "OTHERS_MEDIA", 3)
    found = meta.scan(mine(meta), other(meta))
    seen = set()
    for path, params in found.asked:
        node, _, edge = path.removeprefix("/instagram/").partition("/")
        seen.add(edge or ("me" if node == "me" else "user"))
        cls = NODES[edge] if edge else Page if node == "me" else IGUser
        assert wrong(parse_fields(params["fields"]) if "fields" in params else [], cls) == set()
        extra = set(params) - {"fields"} - PARAMETERS.get(edge, set())
        assert extra <= {"limit", "after"}
    assert seen >= {"me", "user", "media", "comments", "insights"}
    assert wrong(parse_fields("media.order(x){likes}"), IGUser) == {"media.order", "IGMedia.likes"}
    # of media every metric is in the SDK; of accounts these are in the documentation only
    media = {
        m
        for kind in ("FEED", "REELS")
        for m in offered("instagram", "post", WINDOW.scan_on, kind=kind)
    }
    assert media <= names(InstagramInsightsResult.Metric)
    account = set(offered("instagram", "account", WINDOW.scan_on))
    assert account - names(InstagramInsightsResult.Metric) == {
        "follower_count",
        "profile_views",
        "profile_links_taps",
    }


PLAUSIBLE = {
    "int": int,
    "unsigned int": int,
    "string": str,
    "datetime": str,
    "list<InsightsValue>": list,
    "list<Object>": list,
    "Object": dict,
    "IGCommentFromUser": dict,
    "IGUser": dict,
}


def unknown(node: dict[str, Any], cls: Any) -> set[str]:
    """Keys of a node of an answer that the SDK does not know, or whose type it does not expect."""
    found = set()
    for key, value in node.items():
        if key in EDGES.get(cls, ()):
            found |= {f"{key}.{k}" for k in set(value) - {"data", "paging"}}
            for row in value["data"]:
                found |= unknown(row, NODES[key])
        elif key == "business_discovery":
            found |= unknown(value, IGUser)
        elif key not in cls._field_types:
            found.add(f"{cls.__name__}.{key}")
        elif not isinstance(value, PLAUSIBLE.get(cls._field_types[key], object)):
            found.add(f"{cls.__name__}.{key}: {cls._field_types[key]}")
    return found


def test_response_lint(meta: Meta) -> None:
    own, them = mine(meta), other(meta)
    fields = (
        "id,username,name,followers_count,media_count,insights.metric(reach),media.limit(3){id,"
        "timestamp,media_type,media_product_type,caption,permalink,like_count,comments_count,"
        "comments{id,timestamp,text,username,like_count,from,user,parent_id,replies{id,from}}}"
    )
    public = fields.replace("insights.metric(reach),", "").partition(",comments{")[0] + "}"
    asked = {
        f"/{own.platform_user_id}": fields,
        f"/{OWN_ID}": f"business_discovery.username({them.handle}){{{public}}}",
    }
    for path, text in asked.items():
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx.get(meta.url + path, params={"fields": text}, headers=headers)
        assert answer.status_code == 200, answer.text
        assert unknown(answer.json(), IGUser) == set()
        datetime.strptime(
            json.dumps(answer.json()).partition('"timestamp": "')[2][:24], "%Y-%m-%dT%H:%M:%S%z"
        )
    assert unknown({"likes": 3}, IGMedia) == {"IGMedia.likes"}
    assert unknown({"like_count": "3"}, IGMedia) == {"IGMedia.like_count: int"}


def test_forecast_is_what_a_day_costs(meta: Meta) -> None:
    costs = Instagram.forecast(100, 0.4, 1.0, owners=50)
    assert costs["profiles"].calls == 100 and costs["insights"].calls == 150
    assert instagram_objects.OWN_ID.isdecimal()
