"""The Bluesky connector over real HTTP on loopback: paging, windows, threads."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.bluesky_world import (
    DAY,
    FEED,
    HOUR,
    NOW,
    OK,
    PROFILES,
    ROOS,
    SAID,
    STREAMS,
    THREAD,
    WINDOW,
    Server,
    answer,
    items,
    outcomes,
    scan,
    talk_on,
)

from klankbord.platforms.bluesky import REPLY_DAYS
from klankbord.sandbox import bluesky_objects as objects


@pytest.fixture
def server() -> Iterator[Server]:
    with Server().running() as running:
        yield running


@pytest.fixture
def talk(server: Server) -> dict[str, Any]:
    return talk_on(server)


def test_two_pages_and_the_empty_one_after_them(server):
    body = server.world.body("aalst")
    said = [server.world.say(body, NOW - n * HOUR) for n in range(1, 131)]
    events = scan(server)
    posts = items(events, "posts")
    assert outcomes(events) == OK
    assert len(posts) == 130
    assert posts[-1].item_id == objects.uri(body.user_id, said[-1].message_id)
    assert server.methods() == [PROFILES, FEED, FEED, FEED]


def test_reading_stops_at_the_age_at_which_nothing_is_needed(server):
    body = server.world.body("aalst")
    said = [server.world.say(body, NOW - n * 8 * HOUR) for n in range(1, 250)]
    posts = items(scan(server), "posts")
    assert posts[-1].item_id == objects.uri(
        body.user_id, [m for m in said if m.created_at >= WINDOW.since][-1].message_id
    )
    # 44 days x 3 posts are two pages; the third and its 49 posts are never asked for
    assert server.methods() == [PROFILES, FEED, FEED]


def test_a_repeated_page_is_a_failure_and_not_an_end(server):
    body = server.world.body("aalst")
    for n in range(1, 131):
        server.world.say(body, NOW - n * HOUR)
    server.faults = [("cursor=", "repeated_page")]
    events = scan(server)
    failed = [(stream, "failed", "repeated_page") for stream in STREAMS[1:]]
    assert outcomes(events) == [OK[0], *failed]
    assert outcomes(scan(server)) == OK


def test_profiles_are_asked_for_by_twenty_five(server):
    for n in range(26):
        server.world.body(f"gemeente{n}")
    events = scan(server)
    assert outcomes(events) == OK * 26
    assert server.methods().count(PROFILES) == 2
    assert server.methods().count(FEED) == 26  # empty feeds: one call
    assert len(items(events, "profiles")) == 26


def test_own_items_come_from_the_feed_and_messages_from_threads(server, talk):
    events = scan(server)
    uri = objects.uri
    own = [talk[k] for k in ("lonely", "more", "reply", "root")]
    expected = {uri(talk["body"].user_id, m.message_id) for m in own}
    expected.add(f"repost:{uri(SAID.user_id, talk['repost'].message_id)}")
    assert {i.item_id for i in items(events, "posts")} == expected
    assert all(i.is_own for i in items(events, "posts"))
    messages = {i.item_id: i for i in items(events, "messages")}
    assert set(messages) == {
        uri(ROOS.user_id, talk["question"].message_id),
        uri(SAID.user_id, talk["thanks"].message_id),
    }
    question = messages[uri(ROOS.user_id, talk["question"].message_id)]
    assert (question.author_id, question.text) == (objects.did(ROOS.user_id), talk["question"].text)
    assert question.own_id == objects.did(talk["body"].user_id)
    assert server.methods() == [PROFILES, FEED, FEED, THREAD]  # one thread has answers


def test_a_window_takes_its_own_items_and_answers_under_older_posts(server):
    world, body = server.world, server.world.body("aalst")
    edge = world.say(body, WINDOW.since, "op de rand")
    before = world.say(body, WINDOW.since - timedelta(milliseconds=1), "ervoor")
    old = world.say(body, WINDOW.since - REPLY_DAYS, "oud")
    older = world.say(body, WINDOW.since - REPLY_DAYS - HOUR, "te oud")
    late = [world.say(body, WINDOW.since + DAY, "?", parent=p, author=ROOS) for p in (before, old)]
    early = world.say(body, WINDOW.since - DAY, "?", parent=old, author=ROOS)
    world.say(body, WINDOW.since + DAY, "?", parent=older, author=ROOS)
    events = scan(server)
    assert [i.item_id for i in items(events, "posts")] == [
        objects.uri(body.user_id, edge.message_id)
    ]
    found = {i.item_id for i in items(events, "messages")}
    assert found == {objects.uri(ROOS.user_id, m.message_id) for m in late}
    assert objects.uri(ROOS.user_id, early.message_id) not in found
    assert server.methods().count(THREAD) == 2


def node(number: int, author: str, replies: list[Any] | None, count: int = 0) -> dict[str, Any]:
    record = {"createdAt": "2026-09-29T12:00:00.000Z", "text": f"bericht {number}"}
    post = {"uri": f"at://{author}/app.bsky.feed.post/{number}", "author": {"did": author}}
    made = {"post": {**post, "record": record, "replyCount": count}}
    return made if replies is None else {**made, "replies": replies}


def test_a_thread_deeper_than_the_server_shows_is_read_to_its_end(server, talk):
    own, citizen = objects.did(talk["body"].user_id), objects.did(ROOS.user_id)
    gone = {"uri": "at://x/app.bsky.feed.post/8", "notFound": True}
    blocked = {"uri": "at://x/app.bsky.feed.post/9", "blocked": True, "author": {"did": "x"}}
    cut = node(2, citizen, None, count=1)
    deeper = node(2, citizen, [node(3, citizen, None, count=1), node(4, citizen, [])], count=2)
    deepest = node(3, citizen, None, count=1)  # shows nothing more: asked once, not for ever
    server.faults = [
        (THREAD, answer({"thread": node(1, own, [cut, gone, blocked])})),
        (THREAD, answer({"thread": deeper})),
        (THREAD, answer({"thread": deepest})),
    ]
    events = scan(server)
    assert sorted(i.text for i in items(events, "messages")) == [
        "bericht 2", "bericht 3", "bericht 4",
    ]  # fmt: skip
    assert server.methods().count(THREAD) == 3
    assert outcomes(events) == OK


def test_a_thread_that_is_gone_by_now_is_no_failure(server, talk):
    server.faults = [(THREAD, "not_found")]
    assert outcomes(scan(server)) == OK
