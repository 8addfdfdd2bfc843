"""Every way in which YouTube says no, and answers of shapes that nobody foresaw."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from tests.youtube_world import (
    NOW,
    OK,
    TOKEN,
    WINDOW,
    Ask,
    Log,
    SmallWorld,
    app_of,
    ask,
    detail,
    items,
    make_sandbox,
    outcomes,
    read,
    registered,
    threads_read,
)

from klankbord.platforms.base import Account
from klankbord.platforms.events import Item, MetricRefused
from klankbord.platforms.ledger import Ledger, Reading
from klankbord.platforms.youtube import YouTube
from klankbord.platforms.youtube_answers import classify, moment, next_quota, pages, whole
from klankbord.sandbox import youtube_errors, youtube_reports
from klankbord.sandbox.youtube_objects import video_id
from klankbord.verdicts import Kind, ServerError, Throttled

__all__ = ["ask"]
DAY = timedelta(days=1)


def refused(status: int, *reasons: str, **more: Any) -> httpx.Response:
    """An error as the Data API gives it."""
    errors = [{"message": "M", "domain": "youtube.x", "reason": reason} for reason in reasons]
    body = {"error": {"code": status, "message": "M", "errors": errors, **more}}
    return httpx.Response(status, json=body)


def info(reason: str, limit: str = "defaultPerMinutePerProject") -> dict[str, Any]:
    kind = "type.googleapis.com/google.rpc.ErrorInfo"
    return {"@type": kind, "reason": reason, "metadata": {"quota_limit": limit}}


# -- the verdict


@pytest.mark.parametrize(
    ("response", "kind", "reason"),
    [
        (httpx.Response(200, json={}), Kind.OK, None),
        (refused(403, "quotaExceeded"), Kind.THROTTLED, "quota_spent"),
        (refused(403, "dailyLimitExceeded"), Kind.THROTTLED, "quota_spent"),
        (
            refused(429, "rateLimitExceeded", details=[info("RATE_LIMIT_EXCEEDED")]),
            Kind.THROTTLED,
            "throttled",
        ),
        (
            refused(429, details=[info("RATE_LIMIT_EXCEEDED", "defaultPerDayPerProject")]),
            Kind.THROTTLED,
            "quota_spent",
        ),
        (refused(403, "rateLimitExceeded"), Kind.THROTTLED, "throttled"),
        (refused(403, "userRateLimitExceeded"), Kind.THROTTLED, "throttled"),
        (httpx.Response(429, text="slow down"), Kind.THROTTLED, "throttled"),
        (refused(403, "commentsDisabled"), Kind.REFUSED, "comments_disabled"),
        (refused(403, "forbidden"), Kind.REFUSED, "permission"),
        (refused(403, "insufficientPermissions"), Kind.REFUSED, "permission"),
        (refused(403, "accessNotConfigured"), Kind.REFUSED, "permission"),
        (refused(401, "authError"), Kind.REFUSED, "token_expired"),
        (
            refused(400, "badRequest", details=[info("API_KEY_INVALID")]),
            Kind.REFUSED,
            "token_expired",
        ),
        (refused(400, "keyInvalid"), Kind.REFUSED, "token_expired"),
        (refused(404, "playlistNotFound"), Kind.GONE, "not_found"),
        (refused(404, "videoNotFound"), Kind.GONE, "not_found"),
        (refused(400, "invalidPageToken"), Kind.BAD_REQUEST, "bad_request"),
        (refused(400, "processingFailure"), Kind.BAD_REQUEST, "bad_request"),
        (refused(500, "backendError"), Kind.RETRY, "server_error"),
        (httpx.Response(503, text="<html>"), Kind.RETRY, "server_error"),
    ],
)
def test_the_reason_counts_before_the_status(
    response: httpx.Response, kind: Kind, reason: str | None
) -> None:
    verdict = classify(response)
    assert (verdict.kind, verdict.reason) == (kind, reason)


def test_only_reasons_are_passed_on() -> None:
    body = {"error": {"code": 403, "message": "Roos", "errors": [{"reason": "forbidden"}]}}
    verdict = classify(httpx.Response(403, json=body))
    assert verdict.detail == "(forbidden)"


def test_speed_is_waited_for_a_minute_and_the_quota_until_midnight_in_california() -> None:
    now = datetime.now(UTC)
    fast = classify(refused(403, "rateLimitExceeded")).retry_at
    assert fast and timedelta(seconds=50) < fast - now <= timedelta(seconds=61)
    told = httpx.Response(429, headers={"retry-after": "7"}, json={})
    assert (at := classify(told).retry_at) and at - now < timedelta(seconds=9)
    assert classify(refused(403, "quotaExceeded")).retry_at == next_quota(now)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-09-30T20:00:00+00:00", "2026-10-01T07:00:00+00:00"),  # summer there
        ("2026-10-01T06:59:59+00:00", "2026-10-01T07:00:00+00:00"),
        ("2026-10-01T07:00:00+00:00", "2026-10-02T07:00:00+00:00"),
        ("2026-11-22T12:00:00+00:00", "2026-11-23T08:00:00+00:00"),  # winter
        ("2026-11-01T12:00:00+00:00", "2026-11-02T08:00:00+00:00"),  # the day that has 25 hours
    ],
)
def test_the_quotas_midnight(now: str, then: str) -> None:
    assert next_quota(datetime.fromisoformat(now)) == datetime.fromisoformat(then)


@given(st.integers(1_577_836_800, 2_051_222_400))
def test_the_quotas_midnight_is_the_next_one(second: int) -> None:
    now = datetime.fromtimestamp(second, UTC)
    then = next_quota(now)
    assert timedelta() < then - now <= timedelta(hours=25)
    local = then.astimezone(ZoneInfo("America/Los_Angeles"))
    assert (local.hour, local.minute, local.second) == (0, 0, 0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "errors", "details", "reason", "metadata", "message", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.integers(400, 599), JSON)
def test_no_error_body_breaks_the_verdict(status: int, body: Any) -> None:
    assert classify(httpx.Response(status, json={"error": body})).kind is not Kind.OK
    assert classify(httpx.Response(status, json=body)).kind is not Kind.OK
    assert classify(httpx.Response(status, content=json.dumps(body)[1:])).kind is not Kind.OK


# -- lists


@settings(max_examples=200)
@given(st.lists(st.lists(st.integers(0, 40), max_size=4), min_size=1, max_size=8), st.booleans())
def test_paging_loses_and_doubles_nothing_or_says_so(ids: list[list[int]], honest: bool) -> None:
    """Pages of any size, empty ones among them; ids that come again are never taken twice."""
    calls = []

    def answer(params: Any) -> Any:
        place = int(params.get("pageToken", "0"))
        calls.append(place)
        body: dict[str, Any] = {"items": [{"id": str(i)} for i in ids[place]]}
        if place + 1 < len(ids):
            body["nextPageToken"] = str(place + 1 if honest else place)
        return body

    found: list[str] = []
    try:
        for page in pages(answer, "/x", {}):
            found += [row["id"] for row in page]
    except ServerError as error:
        assert error.reason == "repeated_page"
    else:
        assert set(found) == {str(i) for page in ids for i in page}
    assert len(found) == len(set(found))
    assert len(calls) <= len(ids) + 1


@pytest.mark.parametrize("body", [[], {"items": {}}, {"items": ["a"]}, "x", None])
def test_what_is_no_list_of_objects_is_malformed(body: Any) -> None:
    with pytest.raises(ServerError) as raised:
        list(pages(lambda _: body, "/youtube/v3/videos", {}))
    assert raised.value.reason == "malformed_answer"


@pytest.mark.parametrize("is_last", [True, False])
def test_a_page_that_repeats_another_under_a_token_of_its_own_is_reported(is_last: bool) -> None:
    bodies = iter(
        [
            {"items": [{"id": "a"}], "nextPageToken": "1"},
            {"items": [{"id": "a"}], **({} if is_last else {"nextPageToken": "2"})},
            {"items": [{"id": "b"}]},
        ]
    )
    with pytest.raises(ServerError) as raised:
        list(pages(lambda _: next(bodies), "/x", {}))
    assert raised.value.reason == "repeated_page"


def test_empty_pages_end_somewhere() -> None:
    tokens = iter(range(1000))
    with pytest.raises(ServerError):
        list(pages(lambda _: {"items": [], "nextPageToken": str(next(tokens))}, "/x", {}))
    assert next(tokens) == 4


def test_moments_and_counters() -> None:
    assert moment("2026-09-30T20:00:00Z") == NOW
    assert moment("2026-09-30T20:00:00.000Z") == NOW
    assert moment("2026-09-30T20:00:00").tzinfo is UTC
    assert (whole("0"), whole("18446744073709551615"), whole(None)) == (0, 2**64 - 1, None)


# -- what an account makes of it


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("token_expired", ("refused", "token_expired")),
        ("permission", ("refused", "permission")),
        ("not_found", ("gone", "account_not_found")),
    ],
)
def test_a_refused_lookup_concerns_all_streams(ask: Ask, kind: str, end: tuple[str, str]) -> None:
    world = SmallWorld()
    accounts = [registered(world.channel(n, videos=1)) for n in (1, 2)]
    found = read(ask(app_of(make_sandbox(world), Log(), {("channels", 1): kind})), *accounts)
    assert set(outcomes(found).values()) == {end}
    assert len(outcomes(found)) == 6
    assert not any(isinstance(e, Item) for e in found)


def test_who_is_unknown_is_gone_and_the_others_are_read(ask: Ask) -> None:
    world = SmallWorld()
    known = registered(world.channel(1, videos=1))
    nobody = Account("nobody-youtube", "nobody", "youtube", "nobody", "UC" + "x" * 22)
    hidden = Account("hidden-youtube", "hidden", "youtube", "no.such.handle")
    as_handle = Account("direct-youtube", "direct", "youtube", str(known.platform_user_id))
    log = Log()
    found = read(ask(app_of(make_sandbox(world), log)), nobody, known, hidden, as_handle)
    ends = outcomes(found)
    for who in ("nobody-youtube", "hidden-youtube"):
        assert {ends[who, s] for s in ("profiles", "posts", "messages")} == {
            ("gone", "account_not_found")
        }
    assert ends["body1-youtube", "posts"] == ends["direct-youtube", "posts"] == OK
    assert log.ends().count("channels") == 2  # an id in place of a handle is an id


@pytest.mark.parametrize(
    ("where", "hit"),
    [
        ("playlistItems", {"posts", "messages"}),
        ("videos", {"posts", "messages"}),
        ("commentThreads", {"messages"}),
    ],
)
def test_an_error_half_way_keeps_what_is_complete(ask: Ask, where: str, hit: set[str]) -> None:
    world = SmallWorld()
    accounts = [registered(world.channel(n, videos=1, comments=1)) for n in (1, 2)]
    faults = {(where, 1): "permission"}
    found = read(ask(app_of(make_sandbox(world), Log(), faults)), *accounts)
    ends = outcomes(found)
    bad = {(who, s) for (who, s), end in ends.items() if end == ("refused", "permission")}
    whose = {"body1-youtube"} if where != "videos" else {"body1-youtube", "body2-youtube"}
    assert bad == {(who, s) for who in whose for s in hit}
    assert {end for key, end in ends.items() if key not in bad} == {OK}
    assert not any(isinstance(e, Item) and (e.account_id, e.stream) in bad for e in found)


def test_a_passing_error_is_tried_again(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    world, log = SmallWorld(), Log()
    real = youtube_errors.error_response
    broken = youtube_errors.Refusal(500, "backendError", "Backend Error")
    monkeypatch.setattr(
        "klankbord.sandbox.routes_youtube.error_response",
        lambda kind, *rest: (
            youtube_errors.as_json(broken.body, 500) if kind == "broken" else real(kind, *rest)
        ),
    )
    faults = {("videos", 1): "broken", ("videos", 2): "broken"}
    account = registered(world.channel(1, videos=1))
    found = read(ask(app_of(make_sandbox(world), log, faults)), account)
    assert set(outcomes(found).values()) == {OK}
    assert log.ends().count("videos") == 3


@pytest.mark.parametrize("kind", ["throttle", "throttle_400", "quota_spent"])
def test_throttling_reaches_the_caller(ask: Ask, kind: str) -> None:
    world = SmallWorld()
    account = registered(world.channel(1, videos=1))
    with pytest.raises(Throttled) as raised:
        read(ask(app_of(make_sandbox(world), Log(), {("playlistItems", 1): kind})), account)
    assert raised.value.reason == ("quota_spent" if kind == "quota_spent" else "throttled")


def test_a_channel_without_videos_is_measured(ask: Ask) -> None:
    """YouTube answers 404 to its uploads: nobody asks, because the channel counts none."""
    world, log = SmallWorld(), Log()
    found = read(ask(app_of(make_sandbox(world), log)), registered(world.channel(1)))
    assert set(outcomes(found).values()) == {OK}
    assert log.ends() == ["channels"]


def test_a_channel_that_had_videos_is_asked_for_them_although_it_counts_none(ask: Ask) -> None:
    world, log = SmallWorld(), Log()
    channel = world.channel(1, videos=1)
    name = video_id(world.own(channel, WINDOW.since, NOW)[0].message_id)
    ledger = Ledger({name: Reading(NOW - DAY, NOW - DAY, 0)})

    def none(body: dict[str, Any]) -> dict[str, Any]:
        body["items"][0]["statistics"]["videoCount"] = "0"
        return body

    app = app_of(make_sandbox(world), log, changes={"channels": none})
    found = read(ask(app), replace(registered(channel), ledger=ledger))
    assert [p.item_id for p in items(found, "posts")] == [name]


def test_uploads_that_are_counted_and_not_found_are_no_zero(ask: Ask) -> None:
    world = SmallWorld()
    account = registered(world.channel(1, videos=1))
    faults = {("playlistItems", 1): "not_found"}
    found = read(ask(app_of(make_sandbox(world), Log(), faults)), account)
    assert outcomes(found)["body1-youtube", "posts"] == ("failed", "uploads_not_found")


def without(*names: str) -> Any:
    """A change of videos.list that leaves counters out, as YouTube does."""

    def change(body: dict[str, Any]) -> dict[str, Any]:
        for row in body["items"]:
            for name in names:
                del row["statistics"][name]
        return body

    return change


def test_comments_that_are_disabled_are_recorded_and_no_failure(ask: Ask) -> None:
    """YouTube then gives no commentCount; it is not asked for the thread, which would be a 403."""
    world, log = SmallWorld(), Log()
    account = registered(world.channel(1, videos=2, comments=1))
    changes = {"videos": without("commentCount")}
    found = read(ask(app_of(make_sandbox(world), log, changes=changes)), account)
    assert set(outcomes(found).values()) == {OK}
    assert detail(found, "messages") == "Comments are disabled on 2 of 2 videos."
    assert [p.answers for p in items(found, "posts")] == [None, None]
    assert "commentThreads" not in log.ends() and not threads_read(found)


@pytest.mark.parametrize(
    ("answer", "says", "end"),
    [
        (refused(403, "commentsDisabled"), "Comments are disabled on 1 of 1 videos.", OK),
        (refused(404, "videoNotFound"), "", OK),
        (refused(403, "forbidden"), None, ("refused", "permission")),
    ],
)
def test_a_thread_that_cannot_be_read(
    ask: Ask, answer: httpx.Response, says: str | None, end: tuple[str, str]
) -> None:
    world = SmallWorld()
    account = registered(world.channel(1, videos=1, comments=1))
    inner = app_of(make_sandbox(world), Log())

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and Request(scope).url.path.endswith("commentThreads"):
            response = youtube_errors.as_json(answer.json(), answer.status_code)
            await response(scope, receive, send)
        else:
            await inner(scope, receive, send)

    found = read(ask(app), account)
    assert outcomes(found)["body1-youtube", "messages"] == end
    assert says is None or detail(found, "messages") == says
    assert not items(found, "messages")


def test_what_the_list_of_a_channel_refuses_is_asked_of_its_videos(ask: Ask) -> None:
    world, log = SmallWorld(), Log()
    account = registered(world.channel(1, videos=3, comments=2))
    faults = {("commentThreads", 1): "permission"}
    found = read(ask(app_of(make_sandbox(world), log, faults)), account)
    assert set(outcomes(found).values()) == {OK}
    assert len(items(found, "messages")) == 6
    assert log.ends().count("commentThreads") == 4


def test_a_hidden_like_count_is_absent(ask: Ask) -> None:
    world = SmallWorld()
    account = registered(world.channel(1, videos=1))
    changes = {"videos": without("likeCount")}
    [post] = items(read(ask(app_of(make_sandbox(world), Log(), changes=changes)), account), "posts")
    assert "likeCount" not in post.payload["statistics"]
    assert post.payload["statistics"]["viewCount"] == "900"


def test_a_video_of_which_no_counters_come_says_nothing_about_deletions(ask: Ask) -> None:
    world = SmallWorld()
    account = registered(world.channel(1, videos=4))
    faults = {("videos", 1): "shrunken"}
    found = read(ask(app_of(make_sandbox(world), Log(), faults)), account)
    assert len(items(found, "posts")) == 2
    [end] = [e for e in found if getattr(e, "stream", "") == "posts" and not isinstance(e, Item)]
    assert (end.status, end.complete_since) == ("ok", None)
    assert end.detail == "YouTube lists 2 videos of which it gives no counters."


def test_a_video_that_is_announced_is_none_yet_and_a_private_one_has_no_date(ask: Ask) -> None:
    world = SmallWorld()
    channel = world.channel(1, videos=3)
    names = [video_id(m.message_id) for m in world.own(channel, WINDOW.since, NOW)]

    def announced(body: dict[str, Any]) -> dict[str, Any]:
        for row in body["items"]:
            if row["id"] == names[0]:
                row["snippet"]["liveBroadcastContent"] = "upcoming"
        return body

    def private(body: dict[str, Any]) -> dict[str, Any]:
        del body["items"][1]["contentDetails"]["videoPublishedAt"]
        return body

    changes = {"videos": announced, "playlistItems": private}
    found = read(ask(app_of(make_sandbox(world), Log(), changes=changes)), registered(channel))
    assert [p.item_id for p in items(found, "posts")] == [names[2]]


def test_an_author_without_a_channel_is_nobody(ask: Ask) -> None:
    world = SmallWorld()
    account = registered(world.channel(1, videos=1, comments=1))

    def nameless(body: dict[str, Any]) -> dict[str, Any]:
        for row in body["items"]:
            del row["snippet"]["topLevelComment"]["snippet"]["authorChannelId"]
        return body

    changes = {"commentThreads": nameless}
    [said] = items(
        read(ask(app_of(make_sandbox(world), Log(), changes=changes)), account), "messages"
    )
    assert (said.author_id, said.is_own) == (None, False)


# -- owners' reports


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("token_expired", ("refused", "token_expired")),
        ("permission", ("refused", "permission")),
        ("quota_spent", ("failed", "quota_spent")),
    ],
)
def test_a_refused_report_concerns_insights_only(ask: Ask, kind: str, end: tuple[str, str]) -> None:
    world, log = SmallWorld(), Log()
    accounts = [registered(world.channel(n, videos=1), tier="T3") for n in (1, 2)]
    found = read(ask(app_of(make_sandbox(world), log, {("reports", 1): kind})), *accounts)
    ends = outcomes(found)
    assert ends["body1-youtube", "insights"] == end
    assert ends["body1-youtube", "posts"] == ends["body2-youtube", "posts"] == OK
    # a spent quota is every owner's; a dead token is one owner's
    second = end if kind == "quota_spent" else OK
    assert ends["body2-youtube", "insights"] == second
    assert log.ends().count("reports") == (1 if kind == "quota_spent" else 3)


def test_reports_that_come_too_fast_are_waited_for(ask: Ask) -> None:
    world = SmallWorld()
    account = registered(world.channel(1), tier="T3")
    with pytest.raises(Throttled):
        read(ask(app_of(make_sandbox(world), Log(), {("reports", 1): "throttle"})), account)


def test_a_withdrawn_metric_costs_that_metric(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    world, log = SmallWorld(), Log()
    accounts = [registered(world.channel(n), tier="T3") for n in (1, 2)]
    left = {k: v for k, v in youtube_reports.OF_DAY.items() if k != "likes"}
    monkeypatch.setattr(youtube_reports, "OF_DAY", left)
    found = read(ask(app_of(make_sandbox(world), log)), *accounts)
    assert set(outcomes(found).values()) == {OK}
    metrics = {i.payload["metric"] for i in items(found, "insights")}
    assert "likes" not in metrics and {"views", "comments", "subscribersLost"} <= metrics
    refused_metrics = [e for e in found if isinstance(e, MetricRefused)]
    assert [(e.account_id, e.metric) for e in refused_metrics] == [
        ("body1-youtube", "likes"),
        ("body2-youtube", "likes"),
    ]
    assert "likes" in refused_metrics[0].detail
    # refused once, found by its name, and never asked for again by this client
    assert log.ends().count("reports") == 3


def test_a_report_without_figures_or_with_other_columns(ask: Ask) -> None:
    world = SmallWorld()
    account = registered(world.channel(1), tier="T3")

    def turned(body: dict[str, Any]) -> dict[str, Any]:
        body["columnHeaders"].reverse()
        body["rows"] = [row[::-1] for row in body["rows"]]
        return body

    straight = items(read(ask(app_of(make_sandbox(world), Log())), account), "insights")
    changes = {"reports": turned}
    other = items(
        read(ask(app_of(make_sandbox(world), Log(), changes=changes)), account), "insights"
    )
    assert sorted(i.item_id for i in straight) == sorted(i.item_id for i in other)
    assert {i.item_id: i.payload for i in straight} == {i.item_id: i.payload for i in other}

    def empty(body: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in body.items() if k != "rows"}

    found = read(ask(app_of(make_sandbox(world), Log(), changes={"reports": empty})), account)
    assert not items(found, "insights")
    assert outcomes(found)["body1-youtube", "insights"] == OK

    broken = {"reports": lambda body: {"kind": body["kind"]}}
    found = read(ask(app_of(make_sandbox(world), Log(), changes=broken)), account)
    assert outcomes(found)["body1-youtube", "insights"] == ("failed", "malformed_answer")


# -- secrets


def test_no_key_and_no_token_in_an_error(ask: Ask) -> None:
    world = SmallWorld()
    account = registered(world.channel(1), tier="T3")
    faults = {("reports", 1): "permission"}
    found = read(ask(app_of(make_sandbox(world), Log(), faults)), account)
    assert TOKEN not in "".join(e.detail for e in found if hasattr(e, "detail"))
    assert YouTube.client_options("") == {}
    wrong = read(ask(app_of(make_sandbox(world), Log()), key="wrong-key"), account)
    assert set(outcomes(wrong).values()) == {("refused", "token_expired")}
    assert "wrong-key" not in "".join(e.detail for e in wrong if hasattr(e, "detail"))
