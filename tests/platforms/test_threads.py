"""The Threads connector against a scripted Graph, over real HTTP: pages, counters, refusals."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from klankbord.http import Client
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Item, Outcome, ThreadRead
from klankbord.platforms.ledger import Ledger, Reading
from klankbord.platforms.threads import Threads
from klankbord.platforms.threads_calls import COUNTERS
from klankbord.privacy import minimise
from klankbord.sandbox.server import listen
from klankbord.verdicts import Throttled

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
WINDOW = Window.ending(NOW)
OK = ("ok", "")
ACCOUNT = Account("gent-threads", "gent", "threads", "stad.gent", "17001", access_tier="T3")


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def media(number: int, days: float = 1, **more: Any) -> dict[str, Any]:
    """A post of `days` ago."""
    return {
        "id": str(number),
        "timestamp": stamp(NOW - timedelta(days=days)),
        "media_type": "TEXT_POST",
        "text": "Welkom @jan.peeters #gent",
        "is_quote_post": False,
        "has_replies": False,
        **more,
    }


def answer(number: int, to: int, days: float = 0.5, **more: Any) -> dict[str, Any]:
    """A citizen's reply."""
    return {
        "id": str(number),
        "timestamp": stamp(NOW - timedelta(days=days)),
        "text": "Hoe laat?",
        "username": "jan.peeters",
        "replied_to": {"id": str(to)},
        "root_post": {"id": str(to)},
        "is_reply_owned_by_me": False,
        **more,
    }


def error(code: int, status: int = 400, **more: Any) -> Response:
    body = {"error": {"message": "jan.peeters", "type": "OAuthException", "code": code, **more}}
    return Response(json.dumps(body), status)


class Graph:
    """Graph at one port: edges by path, counters by media, `say` for a path's next answers."""

    def __init__(self) -> None:
        self.url = ""
        self.reset()

    def reset(self) -> None:
        self.user = {"id": "17001", "username": "stad.gent"}
        self.edges: dict[str, list[dict[str, Any]]] = {"/me/threads": [], "/me/replies": []}
        self.say: dict[str, list[Response]] = {}
        self.asked: list[Request] = []
        self.size = 100
        self.bend: Callable[[int], int] = lambda start: start

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        self.asked.append(request)
        await self.answer(request)(scope, receive, send)

    def answer(self, request: Request) -> Response:
        path, query = request.url.path, request.query_params
        assert request.headers["authorization"] == "Bearer owner"
        assert "owner" not in str(request.url)
        if self.say.get(path):
            return self.say[path].pop(0)
        if path == "/me":
            return self.json(self.user)
        if path == "/me/threads_insights":
            assert query["metric"] == "followers_count"
            return self.json({"data": [{"name": "followers_count", "total_value": {"value": 41}}]})
        if path.endswith("/insights"):
            rows = [{"name": n, "values": [{"value": i}]} for i, n in enumerate(COUNTERS, 1)]
            assert query["metric"] == ",".join(COUNTERS)
            return self.json({"data": rows})
        if path not in self.edges:
            return error(100, error_subcode=33)
        start = self.bend(int(query.get("after", 0)))
        rows = self.edges[path][start : start + self.size]
        body: dict[str, Any] = {"data": rows, "paging": {"cursors": {"after": start + self.size}}}
        if start + self.size < len(self.edges[path]):
            # Graph's own next embeds the token: it is never followed
            body["paging"]["next"] = "https://elders.example/?access_token=owner"
        return self.json(body)

    def json(self, body: Any) -> Response:
        return Response(json.dumps(body), media_type="application/json")

    def read(
        self, *accounts: Account, window: Window = WINDOW, token: str | None = "owner"
    ) -> list[Any]:
        """All events; a Throttled at the end is in `throttled`."""
        self.throttled: Throttled | None = None
        client = Client(self.url, Threads.classify, backoff_seconds=0, only_loopback=True)
        events: list[Any] = []
        try:
            events.extend(Threads(client, lambda *_: token).extract(accounts or (ACCOUNT,), window))
        finally:
            client.close()
        return events


@pytest.fixture(scope="module")
def server() -> Iterator[Graph]:
    graph, listener = Graph(), listen(0)
    graph.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    running = uvicorn.Server(uvicorn.Config(graph, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield graph
    running.should_exit = True
    thread.join(5)
    listener.close()


@pytest.fixture
def graph(server: Graph) -> Graph:
    server.reset()
    return server


def items(events: list[Any], stream: str) -> list[Item]:
    return [e for e in events if isinstance(e, Item) and e.stream == stream]


def endings(events: list[Any]) -> dict[str, tuple[str, str]]:
    return {e.stream: (e.status, e.reason) for e in events if isinstance(e, Outcome)}


def stored(item: Item) -> tuple[str, dict[str, Any]]:
    return minimise(item, Threads.fields[item.stream], "threads", "key")


def test_a_whole_account(graph: Graph) -> None:
    graph.edges |= {
        "/me/threads": [
            media(4, has_replies=True),
            media(3, 2, media_type="REPOST_FACADE", reposted_post={"id": "9"}),
            media(2, 40, has_replies=True),  # before the window: its thread may still run
        ],
        "/me/replies": [
            media(6, 0.2, replied_to={"id": "5"}, root_post={"id": "4"}),
            media(7, 0.1, replied_to={"id": "4"}, root_post={"id": "4"}),
        ],
        "/4/conversation": [answer(5, 4), answer(6, 5, is_reply_owned_by_me=True)],
        "/2/conversation": [answer(8, 2, 35), answer(9, 2, 3)],
    }
    events = graph.read()
    assert endings(events) == {"profiles": OK, "posts": OK, "messages": OK}
    (profile,) = items(events, "profiles")
    assert stored(profile)[1]["followers_count"] == 41
    posts = {one.item_id: stored(one)[1] for one in items(events, "posts")}
    assert set(posts) == {"4", "3", "6", "7"}
    assert posts["4"]["insights"] == dict(zip(COUNTERS, (1, 2, 3, 4, 5), strict=True))
    assert (posts["6"]["replied_to_own"], posts["7"]["replied_to_own"]) == (False, True)
    assert "text_length" in posts["4"]["klankbord"] and "text_length" not in posts["3"]["klankbord"]
    by_id = {one.item_id: one for one in items(events, "posts")}
    assert (by_id["6"].is_reply, by_id["7"].is_reply) == (True, False)
    assert (by_id["4"].answers, by_id["6"].answers) == (None, 0)
    messages = items(events, "messages")
    # the thread of a post that is 40 days old was read too, and gives what is of this window
    assert [(one.item_id, one.thread_id) for one in messages] == [("5", "4"), ("9", "2")]
    assert [e.thread_id for e in events if isinstance(e, ThreadRead)] == ["4", "2"]
    done = next(e for e in events if isinstance(e, Outcome) and e.stream == "posts")
    assert done.complete_since == WINDOW.since and not done.detail
    text = json.dumps([stored(one) for one in (*items(events, "posts"), *messages, profile)])
    assert "peeters" not in text and "Welkom" not in text and "Hoe laat" not in text
    assert all(stored(one)[1]["klankbord"]["is_question"] for one in messages)


def test_a_reply_to_an_own_post_of_long_ago_continues_it(graph: Graph) -> None:
    graph.edges["/me/replies"] = [media(6, replied_to={"id": "2"}, root_post={"id": "2"})]
    last = Reading(NOW - timedelta(days=60), NOW - timedelta(days=50), 0)
    (known,) = items(graph.read(replace(ACCOUNT, ledger=Ledger(posts={"2": last}))), "posts")
    (unknown,) = items(graph.read(), "posts")
    assert (known.is_reply, unknown.is_reply) == (False, True)


def test_pages_are_followed_to_the_last_row(graph: Graph) -> None:
    graph.size = 2
    graph.edges["/me/threads"] = [media(n, n / 10) for n in range(1, 6)]
    graph.edges["/me/threads"][0]["has_replies"] = True
    graph.edges["/1/conversation"] = [answer(n, 1) for n in range(11, 16)]
    events = graph.read()
    assert [one.item_id for one in items(events, "posts")] == ["1", "2", "3", "4", "5"]
    assert items(events, "messages")[-1].item_id == "15"
    asked = [r.query_params for r in graph.asked if r.url.path == "/me/threads"]
    assert [one.get("after") for one in asked] == [None, "2", "4"]
    assert asked[0]["limit"] == "100"
    assert int(asked[0]["until"]) == int(NOW.timestamp()) + 1


def test_a_list_that_repeats_itself_is_no_list(graph: Graph) -> None:
    graph.size, graph.bend = 2, lambda start: 0
    graph.edges["/me/threads"] = [media(n, n / 10) for n in range(1, 6)]
    assert endings(graph.read()) == {
        "profiles": OK,
        "posts": ("failed", "repeated_page"),
        "messages": ("failed", "repeated_page"),
    }


def test_counters_are_asked_for_when_a_reading_is_due(graph: Graph) -> None:
    def asked(last: Reading | None, **more: Any) -> bool:
        graph.asked.clear()
        graph.edges["/me/threads"] = [media(1, 5, **more)]
        graph.edges["/1/conversation"] = []
        ledger = Ledger(posts={"1": last} if last else {}, posts_known_until=NOW)
        graph.read(replace(ACCOUNT, ledger=ledger))
        return any(r.url.path == "/1/insights" for r in graph.asked)

    created = NOW - timedelta(days=5)
    assert asked(None)
    assert asked(Reading(created, created + timedelta(days=2), 0))  # the third day passed
    assert not asked(Reading(created, created + timedelta(days=4), 0))
    assert asked(Reading(created, created + timedelta(days=4), 0), has_replies=True)
    assert not asked(Reading(created, created + timedelta(days=4), None), has_replies=True)
    assert not asked(None, media_type="REPOST_FACADE")  # it has none: Threads says so


def test_threads_are_read_when_the_ledger_wants_them(graph: Graph) -> None:
    def read(answers: int | None, known: datetime, **more: Any) -> tuple[bool, int]:
        graph.asked.clear()
        graph.edges["/me/threads"] = [media(1, 20, **more)]
        graph.edges["/1/conversation"] = [answer(2, 1)]
        last = Reading(NOW - timedelta(days=20), known, answers)
        ledger = Ledger(posts={"1": last}, posts_known_until=known, messages_known_until=known)
        events = graph.read(replace(ACCOUNT, ledger=ledger))
        closed = sum(isinstance(e, ThreadRead) for e in events)
        return any(r.url.path == "/1/conversation" for r in graph.asked), closed

    yesterday = NOW - timedelta(days=1)
    assert read(None, yesterday, has_replies=True) == (False, 0)  # seen at an age of 14 days
    assert read(None, NOW - timedelta(days=9), has_replies=True) == (True, 1)
    assert read(0, yesterday, has_replies=True) == (True, 1)  # the first answer came late
    assert read(0, yesterday) == (False, 0)


def test_the_thread_of_a_post_from_before_the_window_is_not_read_each_day(graph: Graph) -> None:
    graph.edges["/me/threads"] = [media(1, 40, has_replies=True)]
    graph.edges["/1/conversation"] = [answer(2, 1)]

    def read(known: datetime) -> bool:
        graph.asked.clear()
        # it was never stored: it lay in no scan's window
        ledger = Ledger(posts_known_until=known, messages_known_until=known)
        graph.read(replace(ACCOUNT, ledger=ledger))
        return any(r.url.path == "/1/conversation" for r in graph.asked)

    assert not read(NOW - timedelta(days=1))
    assert read(NOW - timedelta(days=27))


@pytest.mark.parametrize(
    ("path", "say", "expected"),
    [
        ("/me", error(190, 401), [("refused", "token_expired")] * 3),
        ("/me", error(10, 403), [("refused", "permission")] * 3),
        ("/me", error(4), [("failed", "throttled")] * 3),
        ("/me/threads_insights", error(10), [("refused", "permission")] * 3),
        (
            "/me/threads",
            error(1, 500),
            [OK, ("failed", "server_error"), ("failed", "server_error")],
        ),
        ("/me/replies", error(10), [OK, ("refused", "permission"), ("refused", "permission")]),
        ("/4/conversation", error(10), [OK, OK, ("refused", "permission")]),
        ("/4/conversation", error(100, error_subcode=33), [OK, OK, OK]),
        ("/4/insights", error(100, error_subcode=33), [OK, OK, OK]),
        ("/4/insights", error(32, is_transient=True), [OK, *[("failed", "throttled")] * 2]),
    ],
)
def test_each_way_of_saying_no(
    graph: Graph, path: str, say: Response, expected: list[tuple[str, str]]
) -> None:
    graph.edges["/me/threads"] = [media(4, has_replies=True), media(3)]
    graph.edges["/4/conversation"] = [answer(5, 4)]
    graph.say[path] = [say] * 4
    client = Client(graph.url, Threads.classify, backoff_seconds=0, only_loopback=True)
    events: list[Any] = []
    try:
        for event in Threads(client, lambda *_: "owner").extract([ACCOUNT], WINDOW):
            events.append(event)
    except Throttled as spent:
        assert ("failed", "throttled") in expected and spent.retry_at > datetime.now(UTC)
    else:
        assert ("failed", "throttled") not in expected
    finally:
        client.close()
    found = endings(events)
    assert [found[s] for s in ("profiles", "posts", "messages")] == expected
    assert not any("peeters" in e.detail for e in events if isinstance(e, Outcome))


def test_without_the_right_for_counters_posts_are_posts(graph: Graph) -> None:
    graph.edges["/me/threads"] = [media(4), media(3)]
    graph.say["/4/insights"] = [error(10, 403)]
    events = graph.read()
    done = next(e for e in events if isinstance(e, Outcome) and e.stream == "posts")
    assert done.status == "ok" and "permission" in done.detail
    assert not any("insights" in one.payload for one in items(events, "posts"))
    assert not any(r.url.path == "/3/insights" for r in graph.asked)  # asked once


def test_the_token_must_be_this_accounts(graph: Graph) -> None:
    assert set(endings(graph.read(token=None)).values()) == {("refused", "no_token")}
    graph.user = {"id": "17002", "username": "stad.gent"}
    assert set(endings(graph.read()).values()) == {("refused", "wrong_account")}
    by_name = replace(ACCOUNT, platform_user_id=None)
    assert set(endings(graph.read(by_name)).values()) == {OK}
    graph.user = {"id": "17001", "username": "stad.brugge"}
    assert set(endings(graph.read(by_name)).values()) == {("refused", "wrong_account")}
    assert set(endings(graph.read()).values()) == {OK}  # renamed, and known by its id


def test_streams_that_are_not_wanted_are_not_asked_for(graph: Graph) -> None:
    graph.edges["/me/threads"] = [media(4, has_replies=True)]
    only = replace(WINDOW, streams=frozenset({"profiles"}))
    assert endings(graph.read(window=only)) == {"profiles": OK}
    assert {r.url.path for r in graph.asked} == {"/me", "/me/threads_insights"}
    graph.asked.clear()
    assert set(endings(graph.read(replace(ACCOUNT, access_tier="T1")))) == {"profiles", "posts"}
    assert not any("conversation" in r.url.path for r in graph.asked)
    since = int(next(r for r in graph.asked if r.url.path == "/me/threads").query_params["since"])
    assert since == int(WINDOW.since.timestamp())
