"""How the Bluesky connector takes a no: gone, refused, throttled or broken."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response
from tests.bluesky_world import (
    FEED,
    OK,
    PROFILES,
    STREAMS,
    THREAD,
    WINDOW,
    Server,
    answer,
    outcomes,
    registered,
    scan,
    talk_on,
)

from klankbord.http import TRIES, Client
from klankbord.platforms.base import Account
from klankbord.platforms.bluesky import Bluesky
from klankbord.platforms.bluesky_answers import classify
from klankbord.platforms.events import Item, Outcome
from klankbord.sandbox import bluesky_objects as objects
from klankbord.verdicts import Kind, Throttled


@pytest.fixture
def server() -> Iterator[Server]:
    with Server().running() as running:
        yield running


@pytest.fixture
def talk(server: Server) -> dict[str, Any]:
    return talk_on(server)


def test_missing_accounts_are_gone_and_others_are_not(server):
    server.world.body("aalst")
    missing = Account("x-bluesky", "x", "bluesky", "x.bsky.social")
    events = scan(server, [missing, registered(server.world.accounts[0])])
    gone = [(stream, "gone", "account_not_found") for stream in STREAMS]
    assert outcomes(events) == [*gone, *OK]


def test_an_account_that_goes_between_two_calls(server):
    server.world.body("aalst")
    server.faults = [(FEED, "not_found")]
    gone = [(stream, "gone", "account_not_found") for stream in STREAMS[1:]]
    assert outcomes(scan(server)) == [OK[0], *gone]


def test_an_impossible_handle_costs_its_own_account_only(server):
    body = server.world.body("aalst")
    faulty = Account("x-bluesky", "x", "bluesky", "no_domain")
    events = scan(server, [faulty, registered(body)])
    refused = [(stream, "failed", "bad_request") for stream in STREAMS]
    assert outcomes(events) == [*refused, *OK]


def test_a_did_of_the_register_is_asked_for_instead_of_the_handle(server):
    body = server.world.body("aalst")
    account = Account("a", "aalst", "bluesky", "Old.Handle.be", objects.did(body.user_id))
    assert outcomes(scan(server, [account])) == OK
    shouting = Account("a", "aalst", "bluesky", body.handle.upper())
    assert outcomes(scan(server, [shouting])) == OK
    # what is no DID can be nobody's id
    wrong = Account("a", "aalst", "bluesky", body.handle, "1000")
    refused = [(stream, "refused", "wrong_account") for stream in STREAMS]
    assert outcomes(scan(server, [wrong])) == refused


@pytest.mark.parametrize("method", [PROFILES, FEED, THREAD])
@pytest.mark.parametrize(
    ("fault", "times", "status", "reason"),
    [
        ("token_expired", 1, "refused", "token_expired"),
        ("permission", 1, "refused", "permission"),
        (Response("upstream", 503), TRIES, "failed", "server_error"),
        (Response('{"feed": [', 200), TRIES, "failed", "malformed_answer"),
        (answer({"error": "MethodNotImplemented"}, 501), 1, "failed", "method_not_implemented"),
        (answer({"error": "AccountTakedown"}, 400), 1, "gone", "account_not_found"),
    ],
)
def test_each_refusal_is_an_outcome_with_its_reason(
    server, talk, method, fault, times, status, reason
):
    other = server.world.body("ieper")
    server.faults = [(method, fault)] * times
    streams = {PROFILES: STREAMS, FEED: STREAMS[1:], THREAD: STREAMS[2:]}[method]
    expected = [outcome for outcome in OK if outcome[0] not in streams]
    expected += [(stream, status, reason) for stream in streams]
    if (method, status) == (THREAD, "gone"):
        expected = OK  # a thread's root is gone, not the account
    events = scan(server)
    assert outcomes([e for e in events if e.account_id == "aalst-bluesky"]) == expected
    if method != PROFILES:
        assert outcomes([e for e in events if e.account_id == other.account_id]) == OK


@pytest.mark.parametrize("method", [PROFILES, FEED, THREAD])
def test_a_passing_server_error_is_asked_again(server, talk, method):
    server.faults = [(method, Response("", 502)), (method, Response('{"cut', 200))]
    assert outcomes(scan(server)) == OK


@pytest.mark.parametrize("method", [FEED, THREAD])
def test_throttling_is_raised_after_what_is_complete(server, talk, method):
    first = server.world.body("eerste")
    client = Client(server.url, classify, only_loopback=True)
    server.faults = [(method, "throttle")]
    accounts = [registered(first), registered(talk["body"])]
    seen: list[Item | Outcome] = []
    if method == FEED:  # the first account has no thread; its feed is asked first
        server.faults = [(f"{FEED}?actor={objects.did(talk['body'].user_id)}", "throttle")]
    with pytest.raises(Throttled) as caught:
        for event in Bluesky(client).extract(accounts, WINDOW):
            seen.append(event)
    client.close()
    assert outcomes([e for e in seen if e.account_id == first.account_id]) == OK
    assert timedelta(minutes=4) < caught.value.retry_at - datetime.now(UTC) < timedelta(minutes=6)


def response(status: int, body: Any, path: str, **headers: str) -> httpx.Response:
    request = httpx.Request("GET", f"http://127.0.0.1/xrpc/app.bsky.feed.{path}")
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.Response(status, content=content, headers=headers, request=request)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"RateLimit-Reset": "1790798400"}, datetime.fromtimestamp(1790798400, UTC)),
        ({"RateLimit-Reset": "2026-10-01T00:00:00Z"}, datetime(2026, 10, 1, tzinfo=UTC)),
        ({"Retry-After": "Thu, 01 Oct 2026 00:00:00 GMT"}, datetime(2026, 10, 1, tzinfo=UTC)),
        ({}, None),
    ],
)
def test_every_form_of_a_reset(headers, expected):
    for body in ({"error": "RateLimitExceeded"}, b"<html>"):
        verdict = classify(response(429, body, FEED, **headers))
        assert (verdict.kind, verdict.retry_at) == (Kind.THROTTLED, expected)


@pytest.mark.parametrize(
    ("status", "error", "path", "kind"),
    [
        (400, "InvalidRequest", "getAuthorFeed?actor=x", Kind.GONE),
        (400, "InvalidRequest", "getAuthorFeed?actor=x&cursor=1__a", Kind.BAD_REQUEST),
        (400, "InvalidRequest", "getPostThread?uri=x", Kind.BAD_REQUEST),
        (400, "NotFound", "getPostThread?uri=x", Kind.GONE),
        (400, "InvalidToken", "getAuthorFeed?actor=x", Kind.REFUSED),
        (400, "BlockedByActor", "getAuthorFeed?actor=x", Kind.REFUSED),
        (403, "Forbidden", "getAuthorFeed?actor=x", Kind.REFUSED),
        (400, None, "getAuthorFeed?actor=x", Kind.BAD_REQUEST),
        (500, "InternalServerError", "getAuthorFeed?actor=x&cursor=x", Kind.RETRY),
        (504, "UpstreamTimeout", "getAuthorFeed?actor=x", Kind.RETRY),
    ],
)
def test_the_word_decides_and_not_the_message(status, error, path, kind):
    for text in ("Profile not found", "did:plc:roos wrote something"):
        verdict = classify(response(status, {"error": error, "message": text}, path))
        assert verdict.kind is kind
        assert text not in verdict.detail


@given(
    st.integers(300, 599),
    st.one_of(st.binary(max_size=40), st.dictionaries(st.text(), st.text()), st.lists(st.none())),
)
def test_any_refusal_has_a_verdict(status, body):
    assert classify(response(status, body, "getAuthorFeed?actor=x")).kind is not Kind.OK
