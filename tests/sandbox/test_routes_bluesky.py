"""The sandbox's Bluesky: its ids, cursors and errors, and the official lexicons over it all."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bluesky_world import HOUR, NOW, ROOS, SAID, Server, lexicon, talk_on

from klankbord.sandbox import bluesky_objects as objects

NUMBERS = st.integers(0, (1 << 63) - 1)
ACTOR, FEED = "app.bsky.actor.getProfiles", "app.bsky.feed.getAuthorFeed"
THREAD = "app.bsky.feed.getPostThread"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server().running() as running:
        yield running


@pytest.fixture
def talk(server: Server) -> dict[str, Any]:
    return talk_on(server)


@pytest.fixture
def ask(server: Server) -> Any:
    return lambda method, **query: httpx.get(f"{server.url}/xrpc/{method}", params=query)


# --- ids -------------------------------------------------------------------------------------


@given(NUMBERS, NUMBERS)
def test_a_tid_is_well_formed_turns_back_and_sorts(one, other):
    assert re.fullmatch("[234567abcdefghij][234567a-z]{12}", objects.tid(one))
    assert objects.message_id_of(objects.tid(one)) == one
    assert (objects.tid(one) < objects.tid(other)) == (one < other)


@given(NUMBERS, NUMBERS)
def test_a_did_is_well_formed_and_turns_back(one, other):
    assert re.fullmatch("did:plc:[a-z2-7]{24}", objects.did(one))
    assert objects.user_id_of(objects.did(one)) == one
    assert (objects.did(one) == objects.did(other)) == (one == other)


@given(st.text(max_size=40))
def test_other_texts_are_no_ids_of_ours(text):
    assert objects.user_id_of(text) is None
    number = objects.message_id_of(text)
    assert number is None or objects.tid(number) == text


@pytest.mark.parametrize("text", ["did:plc:" + "1" * 24, "did:plc:" + "é" * 24, "did:web:a"])
def test_a_did_of_other_characters_is_nobody(text):
    assert objects.user_id_of(text) is None


# --- feeds -----------------------------------------------------------------------------------


def walk(ask: Any, limit: int) -> tuple[list[str], int]:
    """All texts of aalst's feed, and how many pages they took, the empty one too."""
    texts, pages, cursor = [], 0, None
    while pages == 0 or cursor:
        query = {"actor": "aalst.bsky.social", "limit": limit}
        answer = ask(FEED, **query, **({"cursor": cursor} if cursor else {})).json()
        texts += [entry["post"]["record"]["text"] for entry in answer["feed"]]
        pages, cursor = pages + 1, answer.get("cursor")
    return texts, pages


@pytest.mark.parametrize(("limit", "pages"), [(1, 13), (5, 4), (6, 3), (100, 2)])
def test_pages_of_any_size_give_every_post_once_and_an_empty_page(server, ask, limit, pages):
    body = server.world.body("aalst")
    for n in range(12):  # two of each moment
        server.world.say(body, NOW - (1 + n // 2) * HOUR, f"bericht {n}")
    texts, count = walk(ask, limit)
    assert texts == [f"bericht {n}" for n in (1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10)]
    assert count == pages


def test_faults_of_the_routes(server, ask):
    body = server.world.body("aalst")
    for n in range(20):
        server.world.say(body, NOW - (1 + n) * HOUR, f"bericht {n}")
    first = ask(FEED, actor=body.handle, limit=5).json()
    server.faults = [("cursor=", "repeated_page")]
    again = ask(FEED, actor=body.handle, limit=5, cursor=first["cursor"]).json()
    assert again == first
    server.faults = [(FEED, "shrunken"), (ACTOR, "shrunken")]
    assert len(ask(FEED, actor=body.handle).json()["feed"]) == 10
    assert ask(ACTOR, actors=[body.handle]).json()["profiles"][0]["followersCount"] == 123
    server.faults = [("cursor=", "empty_last_page")]
    texts, pages = walk(ask, 20)
    assert (len(texts), pages) == (20, 2)


# --- threads ---------------------------------------------------------------------------------


def depth_of(node: dict[str, Any]) -> int:
    return 1 + max(map(depth_of, node.get("replies") or []), default=0)


@pytest.mark.parametrize(("depth", "levels"), [(0, 1), (1, 2), (3, 4), (1000, 5)])
def test_answers_are_nested_down_to_the_asked_depth(talk, ask, depth, levels):
    uri = objects.uri(talk["body"].user_id, talk["root"].message_id)
    thread = ask(THREAD, uri=uri, depth=depth, parentHeight=0).json()["thread"]
    assert depth_of(thread) == levels
    assert thread["post"]["replyCount"] == 1
    assert ("replies" in thread) == (depth > 0)


@pytest.mark.parametrize(("height", "parents"), [(0, 0), (1, 1), (80, 3)])
def test_parents_are_given_up_to_the_asked_height(talk, ask, height, parents):
    uri = objects.uri(talk["body"].user_id, talk["reply"].message_id)
    node = ask(THREAD, uri=uri, parentHeight=height).json()["thread"]
    found = 0
    while node := node.get("parent"):
        found += 1
    assert found == parents


# --- errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "query", "status", "error"),
    [
        (ACTOR, {}, 400, "InvalidRequest"),
        (ACTOR, {"actors": ["aalst.bsky.social"] * 26}, 400, "InvalidRequest"),
        (ACTOR, {"actors": ["no_domain"]}, 400, "InvalidRequest"),
        (FEED, {"actor": "nobody.bsky.social"}, 400, "InvalidRequest"),
        (FEED, {}, 400, "InvalidRequest"),
        (FEED, {"actor": "aalst.bsky.social", "limit": 0}, 400, "InvalidRequest"),
        (FEED, {"actor": "aalst.bsky.social", "limit": 101}, 400, "InvalidRequest"),
        (FEED, {"actor": "aalst.bsky.social", "limit": "x"}, 400, "InvalidRequest"),
        (FEED, {"actor": "aalst.bsky.social", "cursor": "x"}, 500, "InternalServerError"),
        (THREAD, {"uri": "x"}, 400, "InvalidRequest"),
        (THREAD, {"uri": "at://did:plc:x/app.bsky.feed.post/x"}, 400, "NotFound"),
        (THREAD, {"uri": "at://a/b/c", "depth": 1001}, 400, "InvalidRequest"),
        (THREAD, {"uri": "at://a/b/c", "parentHeight": -1}, 400, "InvalidRequest"),
        ("app.bsky.feed.noSuchMethod", {}, 501, "MethodNotImplemented"),
    ],
)
def test_errors_are_those_of_the_real_servers(talk, ask, method, query, status, error):
    answer = ask(method, **query)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) == {"error", "message"}


def test_who_is_missing_is_left_out(talk, ask):
    found = ask(ACTOR, actors=["nobody.bsky.social", "aalst.bsky.social"]).json()["profiles"]
    assert [p["handle"] for p in found] == ["aalst.bsky.social"]


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        ("throttle", 429, "RateLimitExceeded"),
        ("quota_spent", 429, "RateLimitExceeded"),
        ("token_expired", 400, "ExpiredToken"),
        ("permission", 401, "AuthMissing"),
        ("not_found", 400, "InvalidRequest"),
    ],
)
def test_faults_have_the_platforms_own_form(server, talk, ask, kind, status, error):
    server.faults = [(FEED, kind)]
    answer = ask(FEED, actor="aalst.bsky.social")
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    headers = answer.headers
    reset = datetime.fromtimestamp(int(headers["RateLimit-Reset"]), UTC)
    assert reset > datetime.now(UTC)
    assert (headers["RateLimit-Limit"], headers["RateLimit-Policy"]) == ("3000", "3000;w=300")
    assert (headers["RateLimit-Remaining"] == "0") == (status == 429)
    assert ask(FEED, actor="aalst.bsky.social").status_code == 200


# --- the contract ----------------------------------------------------------------------------


def test_every_answer_is_valid_by_the_official_lexicons(server, talk, ask):
    body = talk["body"]
    uri = objects.uri(body.user_id, talk["root"].message_id)
    calls = [
        (ACTOR, {"actors": [body.handle, objects.did(body.user_id)]}),
        (FEED, {"actor": body.handle, "limit": 100}),
        (THREAD, {"uri": uri, "depth": 1000, "parentHeight": 0}),
        (THREAD, {"uri": objects.uri(body.user_id, talk["reply"].message_id)}),
    ]
    answers = [(method, ask(method, **query).json()) for method, query in calls]
    feed = answers[1][1]["feed"]
    records = [entry["post"]["record"] for entry in feed]
    questions = [{"kind": "output", "id": m, "value": value} for m, value in answers]
    questions += [{"kind": "record", "id": "app.bsky.feed.post", "value": r} for r in records]
    broken = {**feed[0]["post"], "cid": "not a cid"}
    questions.append({"kind": "output", "id": FEED, "value": {"feed": [{"post": broken}]}})
    *found, seen_to_fail = lexicon(questions)
    assert len(records) == 5
    assert found == [None] * len(found)
    assert "cid" in seen_to_fail


def test_answers_hold_what_privacy_has_to_remove(talk, ask):
    uri = objects.uri(talk["body"].user_id, talk["root"].message_id)
    text = ask(THREAD, uri=uri, depth=1000).text + ask(FEED, actor=talk["body"].handle).text
    for person in (ROOS, SAID):
        handle = objects.citizen_author(person)["handle"]
        for secret in (person.name, handle, person.avatar_url, objects.did(person.user_id)):
            assert secret in text
