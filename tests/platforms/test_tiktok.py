"""TikTok's Display API against the sandbox's routes, over real HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest
from tests.page_world import NOW, OK, WINDOW, connector, scan, serving, sort

from klankbord.platforms.base import Window
from klankbord.platforms.tiktok import TikTok, classify
from klankbord.privacy import minimise
from klankbord.verdicts import Kind, Throttled

LIST = "tiktok POST /v2/video/list/"


@pytest.fixture(scope="module")
def running() -> Iterator[SimpleNamespace]:
    with serving("tiktok") as house:
        yield house


@pytest.fixture
def house(running: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.setenv("KLANKBORD_SANDBOX", "1")
    running.world.accounts.clear()
    running.world.said.clear()
    running.sandbox.faults.clear()
    running.sandbox.requests.clear()
    return running


def test_videos_are_paged_to_the_last_of_the_window(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=55, every=timedelta(hours=20))
    found = scan(house, TikTok, [account])
    assert set(found.outcomes.values()) == {OK}
    wanted = house.world.own(house.world.accounts[1_001], WINDOW.since, NOW)
    assert [v.item_id for v in found.posts] == [str(m.message_id) for m in wanted]
    assert found.posts[-1].created_at == wanted[-1].created_at
    # 35 in the window: the second page already reaches behind its beginning
    assert house.sandbox.requests[LIST] == 2
    assert found.profiles[0].payload["follower_count"] == 5_000
    assert [o.complete_since for o in found.ends if o.stream == "posts"] == [WINDOW.since]


def test_two_videos_of_one_second_on_two_pages(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=19)
    for _ in range(3):
        house.world.say(1_001, NOW - timedelta(hours=20))
    assert len(scan(house, TikTok, [account]).posts) == 22


def test_counters_and_what_is_kept(house: SimpleNamespace) -> None:
    account = house.world.page(1)
    house.world.say(1_001, NOW - timedelta(hours=2), text="Dank aan @roos.vermeiren! #feest")
    found = scan(house, TikTok, [account])
    payload = minimise(found.posts[0], TikTok.fields["posts"], "tiktok", "key")[1]
    facts = payload.pop("klankbord")
    assert (facts["hashtags"], facts["text_length"]) == (["feest"], 32)
    assert payload == {
        "id": found.posts[0].item_id,
        "create_time": int((NOW - timedelta(hours=2)).timestamp()),
        "like_count": 12,
        "comment_count": 0,
        "share_count": 3,
        "view_count": 900,
    }
    kept = minimise(found.profiles[0], TikTok.fields["profiles"], "tiktok", "key")[1]
    assert set(kept) == {
        "open_id",
        "username",
        "follower_count",
        "likes_count",
        "video_count",
        "klankbord",
    }


def test_a_window_of_the_past_begins_at_its_end(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=90, every=timedelta(hours=20))
    past = Window.between(
        (NOW - timedelta(days=40)).date(), (NOW - timedelta(days=36)).date(), NOW.date()
    )
    found = scan(house, TikTok, [account], past)
    assert found.profiles == []
    wanted = house.world.own(house.world.accounts[1_001], past.since, past.until)
    assert [v.created_at for v in found.posts] == [m.created_at for m in wanted]
    assert house.sandbox.requests[LIST] == 1


def test_an_account_without_a_token_is_refused_unasked(house: SimpleNamespace) -> None:
    account = house.world.page(1)
    source = connector(house, TikTok, token="")
    found = sort(list(source.extract([account], WINDOW)))
    assert set(found.outcomes.values()) == {("refused", "no_token")}
    assert house.sandbox.requests == {}


def test_a_token_of_somebody_else_is_refused(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = house.world.page(1, posts=1), house.world.page(2, posts=1)
    # outside of the sandbox a token is used as it is: this one is of the second account
    monkeypatch.setenv("KLANKBORD_SANDBOX", "0")
    source = connector(house, TikTok, token="sandbox-token.1002")
    for account in (mine, replace(mine, platform_user_id=None)):
        found = sort(list(source.extract([account], WINDOW)))
        assert set(found.outcomes.values()) == {("refused", "wrong_account")}
    same = replace(other, platform_user_id=None, handle="Gemeente2")
    assert set(sort(list(source.extract([same], WINDOW))).outcomes.values()) == {OK}


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("token_expired", ("refused", "token_expired")),
        ("permission", ("refused", "permission")),
    ],
)
def test_an_error_of_one_account_concerns_only_that_account(
    house: SimpleNamespace, kind: str, end: tuple[str, str]
) -> None:
    accounts = [house.world.page(n, posts=1) for n in (1, 2)]
    house.sandbox.faults.add("tiktok", kind, "/v2/user/info/")
    found = scan(house, TikTok, accounts)
    assert {k for k, v in found.outcomes.items() if v == end} == {
        ("body1-tiktok", "profiles"),
        ("body1-tiktok", "posts"),
    }


def test_videos_that_fail_leave_the_followers(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=1)
    house.sandbox.faults.add("tiktok", "permission", "/v2/video/list/")
    found = scan(house, TikTok, [account])
    assert found.outcomes == {
        ("body1-tiktok", "profiles"): OK,
        ("body1-tiktok", "posts"): ("refused", "permission"),
    }


def test_a_full_minute_is_waited_for(house: SimpleNamespace) -> None:
    accounts = [house.world.page(n, posts=1) for n in (1, 2)]
    house.sandbox.faults.add("tiktok", "throttle", "/v2/video/list/")
    with pytest.raises(Throttled) as raised:
        list(connector(house, TikTok).extract(accounts, WINDOW))
    wait = raised.value.retry_at - datetime.now(UTC)
    assert timedelta(seconds=50) < wait <= timedelta(seconds=60)
    assert "sandbox-token" not in str(raised.value)


def test_a_server_error_is_tried_again(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=1)
    house.sandbox.faults.add("tiktok", "server_error", "/v2/video/list/", times=2)
    assert len(scan(house, TikTok, [account]).posts) == 1


def test_a_repeated_page_is_reported_and_an_empty_last_one_ends(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=30)
    house.sandbox.faults.add("tiktok", "empty_last_page", "/v2/video/list/", times=3)
    assert len(scan(house, TikTok, [account]).posts) == 30
    house.sandbox.faults.clear()
    source = connector(house, TikTok)
    real = source.client.post

    def stuck(path: str, **more: object) -> dict:
        return real(
            path, **{**more, "json": {"max_count": 20, "cursor": int(NOW.timestamp() * 1000)}}
        )

    source.client.post = stuck
    found = sort(list(source.extract([account], WINDOW)))
    assert found.outcomes["body1-tiktok", "posts"] == ("failed", "repeated_page")


def test_a_short_page_that_says_there_is_more_is_followed(house: SimpleNamespace) -> None:
    """A page may lack what the viewer may not see."""
    account = house.world.page(1, posts=30)
    source = connector(house, TikTok)
    real = source.client.post

    def short(path: str, **more: object) -> dict:
        answer = real(path, **more)
        first = answer["data"]["videos"]
        if answer["data"]["has_more"]:
            answer["data"]["videos"] = first[:-3]
        return answer

    source.client.post = short
    found = sort(list(source.extract([account], WINDOW)))
    assert found.outcomes["body1-tiktok", "posts"] == OK
    assert len(found.posts) == 27


def test_the_same_videos_under_another_cursor_are_a_repeated_page(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=30)
    source = connector(house, TikTok)
    real, calls = source.client.post, iter(range(1, 100))

    def stuck(path: str, **more: object) -> dict:
        body = {"max_count": 20, "cursor": int(NOW.timestamp() * 1000)}
        answer = real(path, **{**more, "json": body})
        answer["data"]["cursor"] -= next(calls)
        return answer

    source.client.post = stuck
    found = sort(list(source.extract([account], WINDOW)))
    assert found.outcomes["body1-tiktok", "posts"] == ("failed", "repeated_page")
    assert next(calls) == 3


def test_the_streams_that_are_wanted(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=1)
    only = replace(WINDOW, streams=frozenset({"profiles"}))
    assert set(scan(house, TikTok, [account], only).outcomes) == {("body1-tiktok", "profiles")}
    assert house.sandbox.requests[LIST] == 0


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (200, "ok", Kind.OK),
        (401, "access_token_invalid", Kind.REFUSED),
        (401, "scope_not_authorized", Kind.REFUSED),
        (400, "scope_permission_missed", Kind.REFUSED),
        (400, "invalid_params", Kind.BAD_REQUEST),
        (200, "invalid_params", Kind.BAD_REQUEST),  # a code that is not ok is no success
        (500, "internal_error", Kind.RETRY),
        (429, "rate_limit_exceeded", Kind.THROTTLED),
    ],
)
def test_codes(status: int, code: str, kind: Kind) -> None:
    body = {"data": {}, "error": {"code": code, "message": "Jan may not", "log_id": "1"}}
    verdict = classify(httpx.Response(status, json=body))
    assert verdict.kind is kind
    assert "Jan" not in verdict.detail


def test_answers_that_are_no_tiktok_error() -> None:
    assert classify(httpx.Response(502, text="<html>")).kind is Kind.RETRY
    assert classify(httpx.Response(401, text="")).kind is Kind.REFUSED
    assert classify(httpx.Response(404, json=[])).kind is Kind.BAD_REQUEST
