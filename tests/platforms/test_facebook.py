"""The Facebook connector against the sandbox's routes, over real HTTP, and the three lints."""

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from facebook_business.adobjects.comment import Comment
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.pagepost import PagePost
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.questions.staging import with_verdict

from klankbord import http
from klankbord.http import Client
from klankbord.landing import Landing
from klankbord.platforms import facebook
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Item, Outcome
from klankbord.platforms.facebook import Facebook
from klankbord.platforms.facebook_answers import classify, continuation, page_fields
from klankbord.privacy import minimise
from klankbord.sandbox import facebook_fields, facebook_objects, routes_facebook
from klankbord.sandbox.model import Counters, Message, Person, WorldAccount
from klankbord.settings import PROJECT_ROOT
from klankbord.verdicts import Kind, Throttled

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
WINDOW = Window.ending(NOW)
TOKEN = "a-token-that-nobody-may-see"
#: what is read of a page whose owner gave us nothing; insights: test_facebook_insights.py
STREAMS = ("profiles", "posts", "messages")
CITIZEN = Person(7_000_001, "Roos Vermeiren", "roos.vermeiren", "https://avatars.example/7.png")


class SmallWorld:
    """Pages 1..n by hand: `posts[i]` are (age in days, comments) and comments (kind, parent)."""

    def __init__(self) -> None:
        self.accounts: dict[int, WorldAccount] = {}
        self.said: dict[str, list[Message]] = {}

    def page(self, number: int, posts: int = 0, comments: int = 0, **more: Any) -> Account:
        """A page with `posts` posts, one an hour from the moment of the scan back."""
        user_id = 1_000 + number
        one = WorldAccount(
            f"body{number}-facebook",
            f"body{number}",
            "facebook",
            f"gemeente{number}",
            user_id,
            f"Gemeente {number}",
            5_000,
        )
        self.accounts[user_id] = one
        self.said[one.account_id] = []
        for place in range(posts):
            post = self.say(one, None, NOW - timedelta(hours=1 + place), **more)
            for turn in range(comments):
                self.say(one, post, post.created_at + timedelta(minutes=1 + turn % 50), CITIZEN)
        return Account(one.account_id, one.organisation_id, "facebook", one.handle, str(user_id))

    def say(
        self,
        page: WorldAccount,
        parent: Message | None,
        at: datetime,
        author: Person | None = None,
        kind: str | None = None,
        text: str = "Hoe laat?",
    ) -> Message:
        said = self.said[page.account_id]
        message_id = page.user_id * 100_000 + len(said)
        said.append(
            Message(
                message_id,
                page.account_id,
                author,
                kind or ("incoming" if author else "reply" if parent else "original"),
                at,
                text,
                parent and parent.message_id,
                parent.root_id if parent else message_id,
                bool(author),
                reposted_author=CITIZEN if kind == "repost" else None,
            )
        )
        return said[-1]

    def find(self, platform: str, who: str | int) -> WorldAccount | None:
        found = (a for a in self.accounts.values() if who in (a.user_id, a.handle))
        return next(found, None)

    def followers(self, page: WorldAccount, moment: datetime) -> int:
        return page.followers_start

    def own(
        self, page: WorldAccount, since: datetime, until: datetime, at: datetime | None = None
    ) -> list[Message]:
        own = [m for m in self.said[page.account_id] if m.is_own and since <= m.created_at < until]
        return sorted(own, key=lambda m: m.created_at, reverse=True)

    def message(self, page: WorldAccount, message_id: int) -> Message | None:
        return next((m for m in self.said[page.account_id] if m.message_id == message_id), None)

    def thread(self, page: WorldAccount, root_id: int, until: datetime) -> list[Message]:
        found = [m for m in self.said[page.account_id] if m.root_id == root_id]
        return sorted(found, key=lambda m: m.created_at)

    def answers(self, page: WorldAccount, message_id: int, until: datetime) -> list[Message]:
        return [m for m in self.said[page.account_id] if m.parent_id == message_id]

    def counters(self, page: WorldAccount, message: Message, moment: datetime) -> Counters:
        direct = len(self.answers(page, message.message_id, moment))
        return Counters(12, direct, 0 if message.text == "Hoe laat?" else 3, 0, 0)


class Server:
    """The routes on a free port of 127.0.0.1; `fail` holds faults by a part of the URL."""

    def __init__(self) -> None:
        self.world = SmallWorld()
        self.requests: Counter[str] = Counter()
        self.token = TOKEN
        self.now = lambda: NOW
        self.urls: list[httpx.URL] = []
        self.fail: list[tuple[str, str, int]] = []
        self.extra: dict[str, Any] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        from starlette.requests import Request

        request = Request(scope, receive)
        self.urls.append(httpx.URL(str(request.url)))
        self.requests["facebook"] += 1
        for place, (part, kind, times) in enumerate(self.fail):
            if times and part in str(request.url):
                self.fail[place] = (part, kind, times - 1)
                if kind in ("repeated_page", "empty_last_page", "shrunken"):
                    request.state.fault = kind
                    break
                await routes_facebook.error_response(kind, self, request)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Mount("/facebook", routes=routes_facebook.routes(self))])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(http, "BACKOFF_SECONDS", 0)
    one = Server()
    config = uvicorn.Config(one, host="127.0.0.1", port=0, log_level="critical", lifespan="off")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        thread.join(0.01)
    one.base_url = f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}/facebook"
    yield one
    running.should_exit = True
    thread.join(5)


def connector(server: Server, cls: type[Facebook] = Facebook) -> Facebook:
    client = Client(
        server.base_url,
        cls.classify,
        only_loopback=True,
        backoff_seconds=0,
        **cls.client_options(TOKEN),
    )
    return cls(client)


def scan(
    server: Server, accounts: list[Account], cls: type[Facebook] = Facebook
) -> SimpleNamespace:
    """A scan: items by stream, outcomes as {(account_id, stream): (status, reason)}, details."""
    events = list(connector(server, cls).extract(accounts, WINDOW))
    items = {
        stream: [e for e in events if isinstance(e, Item) and e.stream == stream]
        for stream in STREAMS
    }
    ends = [e for e in events if isinstance(e, Outcome)]
    outcomes = {(o.account_id, o.stream): (o.status, o.reason) for o in ends}
    assert len(outcomes) == len(ends), "an outcome came twice"
    assert set(outcomes) == {(a.account_id, s) for a in accounts for s in STREAMS}
    return SimpleNamespace(
        events=events, outcomes=outcomes, details=[o.detail for o in ends], **items
    )


OK = ("ok", "")


def test_one_call_a_page_brings_followers_posts_and_comments(server: Server) -> None:
    accounts = [server.world.page(n, posts=2, comments=2) for n in range(1, 121)]
    found = scan(server, accounts)
    assert len(server.urls) == 120  # Graph v26 has no multi-page read; each page is one call
    assert all(end == OK for end in found.outcomes.values())
    assert (len(found.profiles), len(found.posts), len(found.messages)) == (120, 240, 480)
    assert found.profiles[-1].payload == {
        "id": "1120",
        "username": "gemeente120",
        "followers_count": 5000,
        "fan_count": 5000,
    }


def test_pages_are_followed_to_the_last_row(server: Server) -> None:
    account = server.world.page(1, posts=203, comments=1)
    page = server.world.accounts[1001]
    busy = server.world.own(page, WINDOW.since, NOW)[-1]
    for turn in range(230):
        server.world.say(page, busy, busy.created_at + timedelta(minutes=2, seconds=turn), CITIZEN)
    found = scan(server, [account])
    assert [o for o in found.outcomes.values()] == [OK] * 3
    assert found.posts[-1].item_id == f"1001_{busy.message_id}"
    assert len({p.item_id for p in found.posts}) == len(found.posts) == 203
    last = server.world.said[account.account_id][-1]
    assert found.messages[-1].item_id == f"{busy.message_id}_{last.message_id}"
    assert len({m.item_id for m in found.messages}) == len(found.messages) == 203 + 230
    # 3 pages of posts, and the busy post's comments: 25 nested, then 100, 100, 6
    assert len(server.urls) == 3 + 3


def test_who_said_what_to_whom(server: Server) -> None:
    account = server.world.page(1, posts=1)
    page, world = server.world.accounts[1001], server.world
    post = world.said[account.account_id][0]
    start = post.created_at
    question = world.say(page, post, start + timedelta(minutes=1), CITIZEN)
    answer = world.say(page, question, start + timedelta(minutes=3), text="Om 9 uur.")
    more = world.say(page, post, start + timedelta(minutes=4), kind="continuation")
    asked, replied, continued = sorted(scan(server, [account]).messages, key=lambda m: m.item_id)
    post_id, question_id = f"1001_{post.message_id}", f"{post.message_id}_{question.message_id}"
    assert (asked.author_id, asked.is_own, asked.is_reply) == ("7000001", False, False)
    assert (asked.payload["post_id"], "parent" in asked.payload) == (post_id, False)
    assert asked.payload["from"] == {"id": "7000001"}  # the name is not even asked for
    assert replied.item_id == f"{post.message_id}_{answer.message_id}"
    assert (replied.is_own, replied.is_reply) == (True, True)
    assert replied.payload["parent"] == {"id": question_id}
    assert continued.item_id == f"{post.message_id}_{more.message_id}"
    assert (continued.is_own, "parent" in continued.payload) == (True, False)


def test_only_what_was_said_in_the_window_but_under_older_posts_too(server: Server) -> None:
    account = server.world.page(1)
    page, world = server.world.accounts[1001], server.world
    before = WINDOW.since - timedelta(days=3)
    old = world.say(page, None, before)
    world.say(page, old, before + timedelta(hours=1), CITIZEN)
    late = world.say(page, old, WINDOW.since, CITIZEN)
    world.say(page, None, WINDOW.since)
    world.say(page, None, WINDOW.since - timedelta(seconds=1))
    found = scan(server, [account])
    assert [p.payload["created_time"] for p in found.posts] == ["2026-08-31T22:00:00+0000"]
    assert [m.item_id for m in found.messages] == [f"{old.message_id}_{late.message_id}"]


def test_a_page_without_posts_is_measured(server: Server) -> None:
    found = scan(server, [server.world.page(1)])
    assert set(found.outcomes.values()) == {OK}
    assert (len(found.profiles), found.posts, found.messages) == (1, [], [])


def test_counters_and_a_shared_post(server: Server) -> None:
    account = server.world.page(1, posts=2, comments=1)
    page = server.world.accounts[1001]
    server.world.say(page, None, NOW - timedelta(minutes=5), kind="repost", text="Delen maar")
    shared, newest, _ = scan(server, [account]).posts
    assert shared.payload["parent_id"].startswith("7000001_")
    assert "parent_id" not in newest.payload
    assert newest.payload["comments"]["summary"]["total_count"] == 1
    assert newest.payload["reactions"]["summary"]["total_count"] == 12
    assert "shares" not in newest.payload  # as Graph: nobody shared it
    assert shared.payload["shares"] == {"count": 3}
    assert newest.text == "Hoe laat?"


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("token_expired", ("refused", "token_expired")),
        ("permission", ("refused", "permission")),
        ("not_found", ("gone", "account_not_found")),
    ],
)
def test_an_error_of_one_page_concerns_only_that_page(
    server: Server, kind: str, end: tuple[str, str]
) -> None:
    accounts = [server.world.page(n, posts=1) for n in range(1, 51)]
    server.fail = [("/1025?", kind, 1)]
    found = scan(server, accounts)
    hit = {key for key, value in found.outcomes.items() if value == end}
    assert hit == {("body25-facebook", s) for s in STREAMS}
    assert sum(value == OK for value in found.outcomes.values()) == 49 * 3
    assert len(server.urls) == 50


def test_an_unknown_handle_is_gone(server: Server) -> None:
    unknown = Account("nobody-facebook", "nobody", "facebook", "nobody.here")
    known = server.world.page(1)
    by_handle = Account(known.account_id, "body1", "facebook", known.handle)
    found = scan(server, [unknown, by_handle])
    assert found.outcomes["nobody-facebook", "posts"] == ("gone", "account_not_found")
    assert found.outcomes["body1-facebook", "posts"] == OK


@pytest.mark.parametrize(
    ("kind", "minutes"), [("throttle", 5), ("quota_spent", 60), ("throttle_400", 15)]
)
def test_throttling_is_raised_after_what_is_complete(
    server: Server, kind: str, minutes: int
) -> None:
    accounts = [server.world.page(n, posts=1, comments=40) for n in (1, 2, 3)]
    # the second page is half read: its further comments are what meets the limit
    server.fail = [("/1002_", kind, 1)]
    events, source = [], connector(server)
    with pytest.raises(Throttled) as raised:
        for event in source.extract(accounts, WINDOW):
            events.append(event)
    wait = raised.value.retry_at - datetime.now(UTC)
    assert timedelta(minutes=minutes - 1) < wait <= timedelta(minutes=minutes)
    assert {e.account_id for e in events} == {"body1-facebook"}
    assert sum(isinstance(e, Outcome) for e in events) == 3
    assert TOKEN not in str(raised.value)


def test_a_passing_error_is_tried_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    account = server.world.page(1, posts=1)
    real = routes_facebook.error_response
    temporary = facebook_fields.GraphError(500, 2, "(#2) Service temporarily unavailable")
    monkeypatch.setattr(
        routes_facebook,
        "error_response",
        lambda kind, *rest: (
            routes_facebook.error_of(temporary) if kind == "temporary" else real(kind, *rest)
        ),
    )
    server.fail = [("/1001", "temporary", 2)]
    found = scan(server, [account])
    assert (set(found.outcomes.values()), len(server.urls)) == ({OK}, 3)
    server.fail = [("/1001", "temporary", 9)]
    found = scan(server, [account])
    assert set(found.outcomes.values()) == {("failed", "server_error")}


def test_failing_comments_cost_the_messages_and_no_more(server: Server) -> None:
    account = server.world.page(1, posts=1, comments=40)
    server.fail = [("/1001_", "permission", 1)]
    found = scan(server, [account])
    assert found.outcomes == {
        ("body1-facebook", "profiles"): OK,
        ("body1-facebook", "posts"): OK,
        ("body1-facebook", "messages"): ("refused", "permission"),
    }
    assert (len(found.posts), found.messages) == (1, [])  # nothing half


def test_withheld_comment_ids_are_a_refusal(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page Public Content Access alone gives comments without ids (since v11)."""
    real = facebook_objects._comment

    def without_id(*about: Any) -> dict[str, Any]:
        return {k: v for k, v in real(*about).items() if k not in ("id", "from")}

    monkeypatch.setattr(facebook_objects, "_comment", without_id)
    found = scan(server, [server.world.page(1, posts=1, comments=1)])
    assert found.outcomes["body1-facebook", "messages"] == ("refused", "permission")
    assert found.outcomes["body1-facebook", "posts"] == OK
    assert any("MODERATE" in detail for detail in found.details)


def test_too_much_data_is_asked_for_in_smaller_parts(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 100 x 100 rows: more than Graph works for at once
    monkeypatch.setattr(facebook, "NESTED_COMMENTS", 100)
    account = server.world.page(1, posts=60, comments=3)
    found = scan(server, [account])
    assert set(found.outcomes.values()) == {OK}
    assert (len(found.posts), len(found.messages)) == (60, 180)
    limits = [url.params["fields"].split(".limit(")[1].split(")")[0] for url in server.urls]
    assert limits == ["100", "50", "0"]  # the third is the second page of posts
    assert server.urls[2].params["limit"] == "50"


def test_a_repeated_page_is_not_taken_for_the_end(server: Server) -> None:
    account = server.world.page(1, posts=150)
    server.fail = [("published_posts?", "repeated_page", 1)]
    found = scan(server, [account])
    assert found.outcomes == {
        ("body1-facebook", "profiles"): OK,  # followers can only be observed now: kept
        ("body1-facebook", "posts"): ("failed", "repeated_page"),
        ("body1-facebook", "messages"): ("failed", "repeated_page"),
    }
    assert (len(server.urls), found.posts) == (2, [])
    assert set(scan(server, [account]).outcomes.values()) == {OK}


def test_an_empty_last_page_is_the_end(server: Server) -> None:
    account = server.world.page(1, posts=3)
    server.fail = [("/1001?", "empty_last_page", 1)]
    found = scan(server, [account])
    assert (set(found.outcomes.values()), len(found.posts), len(server.urls)) == ({OK}, 3, 2)


def test_the_token_is_nowhere(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "klankbord")
    accounts = [server.world.page(1, posts=130, comments=30), server.world.page(2)]
    server.fail = [("/1002", "token_expired", 1)]
    found = scan(server, accounts)
    assert not any(TOKEN in str(url) for url in server.urls)  # it travels in a header
    stored = [
        minimise(e, Facebook.fields[e.stream], "facebook", "key")
        for e in found.events
        if isinstance(e, Item)
    ]
    assert TOKEN not in json.dumps(stored) + caplog.text + "".join(found.details)
    assert all(
        CITIZEN.name not in json.dumps(e.payload) for e in found.events if isinstance(e, Item)
    )


def test_what_is_stored(server: Server) -> None:
    account = server.world.page(1, posts=1, comments=1)
    page = server.world.accounts[1001]
    server.world.say(page, None, NOW - timedelta(minutes=5), kind="repost")
    found = scan(server, [account])

    def stored(item: Item) -> dict[str, Any]:
        return minimise(item, Facebook.fields[item.stream], "facebook", "key")[1]

    assert set(stored(found.profiles[0])) == {
        *("id", "username", "followers_count", "fan_count"),
        "klankbord",
    }
    repost, post = map(stored, found.posts)
    assert set(post) == {"id", "created_time", "status_type", "reactions", "comments", "klankbord"}
    assert post["klankbord"]["text_length"] == len("Hoe laat?")
    assert "7000001" not in json.dumps(repost) and repost["parent_id"]
    comment = stored(found.messages[0])
    assert set(comment) == {"id", "post_id", "created_time", "klankbord"}
    assert comment["klankbord"]["is_question"] is True
    assert "7000001" not in json.dumps(comment)


# --- from the answer to staging --------------------------------------------------------------

STAGING = PROJECT_ROOT / "dbt_project" / "models" / "staging" / "facebook"


def staged(cursor: Any, model: str) -> list[dict[str, Any]]:
    """The rows of a staging model over what is in raw; its SQL needs no more than its sources."""
    text = with_verdict((STAGING / f"stg_facebook__{model}.sql").read_text())
    query = re.sub(r"\{\{ source\('(\w+)', '(\w+)'\) \}\}", r"\1.\2", text)
    cursor.execute(query + " order by 2")
    return [dict(zip([c.name for c in cursor.description], row, strict=True)) for row in cursor]


def land(access: Any, events: list[Item | Outcome]) -> Any:
    """Land events as an extraction does; the open connection."""
    connection = access.open("klankbord_loader")
    landing = Landing(
        connection,
        "facebook",
        WINDOW,
        streams={event.account_id: STREAMS for event in events},
        fields=Facebook.fields,
        key="key",
        run_id="test",
        now=NOW,
    )
    for event in events:
        landing.add(event)
    landing.close(1)
    return connection


def test_staging_reads_what_was_landed(server: Server, warehouse: Any) -> None:
    account = server.world.page(1)
    page, say = server.world.accounts[1001], server.world.say
    start = NOW - timedelta(hours=9)
    post = say(page, None, start, text="Wie komt er?")
    shared = say(page, None, start + timedelta(hours=1), kind="repost", text="Lees dit")
    question = say(page, post, start + timedelta(minutes=1), CITIZEN)
    reply = say(page, question, start + timedelta(minutes=2), text="Om 9 uur.")
    more = say(page, post, start + timedelta(minutes=3), kind="continuation", text="Tot dan!")
    connection = land(warehouse, scan(server, [account]).events)
    with connection.cursor() as cursor:
        profiles, posts, messages = (
            staged(cursor, model) for model in ("profiles", "posts", "messages")
        )
    connection.close()
    [profile] = profiles
    assert (profile["platform_user_id"], profile["followers"]) == ("1001", 5000)
    assert list(posts[0]) == [
        "account_id",
        "post_id",
        "scan_on",
        "observed_at",
        "created_at",
        "message_kind",
        "in_reply_to_id",
        "reactions",
        "comments",
        "shares",
        "quotes",
        "views",
        "text_length",
        "extraction_id",
    ]
    common = {"in_reply_to_id": None, "reactions": 12, "quotes": None, "views": None}
    for row, said, expected in (
        (
            posts[0],
            post,
            {"message_kind": "original", "comments": 2, "shares": 3, "text_length": 12},
        ),
        (
            posts[1],
            shared,
            {"message_kind": "repost", "comments": 0, "shares": 3, "text_length": 8},
        ),
    ):
        assert row["post_id"] == f"1001_{said.message_id}"
        assert row["created_at"] == said.created_at
        assert {k: row[k] for k in {**common, **expected}} == {**common, **expected}
    assert list(messages[0]) == [
        "account_id",
        "message_id",
        "scan_on",
        "observed_at",
        "created_at",
        "is_own",
        "author_pseudonym",
        "in_reply_to_id",
        "is_question",
        "question_rules",
        "text_length",
        "is_liked_by_owner",
        "extraction_id",
    ]
    asked, replied, continued = messages
    post_id, question_id = f"1001_{post.message_id}", f"{post.message_id}_{question.message_id}"
    assert (asked["message_id"], asked["is_own"], asked["is_question"]) == (
        question_id,
        False,
        True,
    )
    assert re.fullmatch("[0-9a-f]{32}", asked["author_pseudonym"])
    assert [m["in_reply_to_id"] for m in messages] == [post_id, question_id, post_id]
    assert [m["author_pseudonym"] for m in (replied, continued)] == [None, None]
    assert [m["created_at"] for m in messages] == [m.created_at for m in (question, reply, more)]


def test_staging_tells_zero_from_not_measured(warehouse: Any, recorded: Callable[..., Any]) -> None:
    feed = recorded("facebook/feeds_default_fields_p1.json")["data"][:3]
    del feed[1]["shares"]  # nobody shared it
    for counter in ("shares", "reactions", "comments"):
        del feed[2][counter]  # nothing was counted
    page_id = feed[0]["id"].split("_")[0]
    events: list[Item | Outcome] = [
        Item("a", "posts", post["id"], post, page_id, True, post["message"]) for post in feed
    ]
    profile = recorded("facebook/multi_pages.json")[page_id]  # fan_count and no followers_count
    events.append(Item("a", "profiles", page_id, profile, page_id, True))
    events += [Outcome("a", stream, "ok") for stream in STREAMS]
    connection = land(warehouse, events)
    with connection.cursor() as cursor:
        rows = {row["post_id"]: row for row in staged(cursor, "posts")}
        [followers] = [row["followers"] for row in staged(cursor, "profiles")]
    connection.close()
    counted = [tuple(rows[p["id"]][c] for c in ("reactions", "comments", "shares")) for p in feed]
    assert counted[0] == (125, 13, 10)
    assert counted[1][2] == 0 and counted[1][0] > 0
    assert counted[2] == (None, None, None)
    # a post with a link is shared_story too, and no repost
    assert feed[1]["status_type"] == "shared_story"
    assert {row["message_kind"] for row in rows.values()} == {"original"}
    assert followers is None


# --- errors without a server -----------------------------------------------------------------


def answer(status: int, headers: dict[str, str] | None = None, **error: Any) -> httpx.Response:
    return httpx.Response(status, json={"error": error}, headers=headers)


@pytest.mark.parametrize("code", [4, 17, 32, 613, *range(80000, 80007), 80008])
def test_every_throttling_code_is_an_http_400(code: int) -> None:
    assert classify(answer(400, code=code, is_transient=True)).kind is Kind.THROTTLED


@pytest.mark.parametrize(
    ("status", "error", "kind", "reason"),
    [
        (500, {"code": 1, "message": "An unknown error occurred"}, Kind.RETRY, "server_error"),
        (503, {"code": 2, "is_transient": True}, Kind.RETRY, "server_error"),
        (400, {"code": 2069, "is_transient": True}, Kind.RETRY, "server_error"),
        (
            500,
            {"code": 1, "message": "Please reduce the amount of data you're asking for"},
            Kind.BAD_REQUEST,
            "too_much_data",
        ),
        # since v26; by its status alone it would be tried again for ever
        (
            500,
            {"code": 100, "message": "The ids query parameter is deprecated in v26.0+"},
            Kind.BAD_REQUEST,
            "bad_request",
        ),
        (400, {"code": 100, "error_subcode": 33}, Kind.GONE, "account_not_found"),
        (404, {"code": 803}, Kind.GONE, "account_not_found"),
        (400, {"code": 21}, Kind.GONE, "page_migrated"),
        (403, {"code": 10}, Kind.REFUSED, "permission"),
        (403, {"code": 200}, Kind.REFUSED, "permission"),
        (400, {"code": 190, "error_subcode": 463}, Kind.REFUSED, "token_expired"),
    ],
)
def test_codes(status: int, error: dict[str, Any], kind: Kind, reason: str) -> None:
    verdict = classify(answer(status, **error))
    assert (verdict.kind, verdict.reason) == (kind, reason)


def test_answers_that_are_no_graph_error() -> None:
    assert classify(httpx.Response(502, text="<html>")).kind is Kind.RETRY
    assert classify(httpx.Response(429, json=[])).kind is Kind.THROTTLED
    assert classify(httpx.Response(400, json={"error": "no"})).kind is Kind.BAD_REQUEST


@pytest.mark.parametrize(
    "header",
    [
        "",
        "{",
        "[]",
        '{"1":[{}]}',
        '{"1":[{"estimated_time_to_regain_access":0}]}',
        '{"1": 3}',
        "{}",
    ],
)
def test_a_usage_header_that_says_nothing(header: str) -> None:
    verdict = classify(answer(400, {"X-Business-Use-Case-Usage": header}, code=80001))
    assert (verdict.kind, verdict.retry_at) == (Kind.THROTTLED, None)


def test_the_longest_wait_of_all_limits_counts() -> None:
    usage = {
        "1": [{"estimated_time_to_regain_access": 3}, {"estimated_time_to_regain_access": 40}],
        "2": [{"estimated_time_to_regain_access": 7}],
    }
    verdict = classify(answer(400, {"X-Business-Use-Case-Usage": json.dumps(usage)}, code=32))
    assert timedelta(minutes=39) < verdict.retry_at - datetime.now(UTC) <= timedelta(minutes=40)


# --- recorded answers ------------------------------------------------------------------------


def replay(routes: dict[str, Any]) -> Facebook:
    """A connector over recorded answers by path; anything else fails the test."""

    class Tape:
        def __init__(self) -> None:
            self.asked: list[tuple[str, dict[str, Any]]] = []

        def get(self, path: str, params: dict[str, Any], **_: Any) -> Any:
            self.asked.append((path, params))
            return routes[path].pop(0)

    return Facebook(Tape())


def test_recorded_pages(recorded: Callable[[str], Any]) -> None:
    pages = recorded("facebook/multi_pages.json")
    pages["20531316728"] = recorded("facebook/single_fields_page.json")
    accounts = [Account(f"a{i}", f"o{i}", "facebook", p["username"], i) for i, p in pages.items()]
    source = replay({f"/{i}": [page] for i, page in pages.items()})
    events = list(source.extract(accounts, WINDOW))
    profiles = [e for e in events if isinstance(e, Item)]
    assert [(p.stream, p.item_id, p.payload["fan_count"]) for p in profiles] == [
        ("profiles", "19292868552", 7966989),
        ("profiles", "20531316728", 214507731),
    ]
    assert sum(isinstance(e, Outcome) and e.status == "ok" for e in events) == 6


def test_recorded_feed_in_two_pages(recorded: Callable[[str], Any]) -> None:
    first, second = (recorded(f"facebook/feed_fields_p{n}.json") for n in (1, 2))
    account = Account("a", "o", "facebook", "zuck", "4")
    window = Window(
        WINDOW.scan_on,
        datetime(2021, 6, 22, tzinfo=UTC),
        datetime(2021, 7, 4, 19, 50, 59, tzinfo=UTC),
    )
    source = replay({"/4": [{"id": "4", "published_posts": first}], "/4/published_posts": [second]})
    posts = [
        e for e in source.extract([account], window) if isinstance(e, Item) and e.stream == "posts"
    ]
    # the second page of the recording repeats the first and ends the list
    assert [p.item_id[2:] for p in posts] == [
        "10113477241177441",
        "10113449068715281",
        "10113400535556121",
        "10113332572050531",
        "10113319652002411",
    ]
    _, params = source.client.asked[1]
    assert (params["until"], params["__paging_token"]) == ("1624385168", "__paging_token")
    assert "access_token" not in params


def test_recorded_posts_with_counters(recorded: Callable[[str], Any]) -> None:
    feed = recorded("facebook/feeds_default_fields_p1.json")
    assert continuation(feed["paging"]) == {"after": "after"}
    del feed["paging"]
    account = Account("a", "o", "facebook", "FacebookforDevelopers", "19292868552")
    window = Window(
        WINDOW.scan_on, datetime(2021, 6, 1, tzinfo=UTC), datetime(2021, 8, 1, tzinfo=UTC)
    )
    source = replay({"/19292868552": [{"id": "19292868552", "published_posts": feed}]})
    posts = [
        e for e in source.extract([account], window) if isinstance(e, Item) and e.stream == "posts"
    ]
    kept = minimise(posts[0], Facebook.fields["posts"], "facebook", "key")[1]
    assert kept.pop("klankbord")["text_length"] == len(feed["data"][0]["message"])
    assert kept == {
        "id": "19292868552_10158349356748553",
        "created_time": "2021-07-09T19:09:52+0000",
        "status_type": "added_photos",
        "shares": {"count": 10},
        "reactions": {"summary": {"total_count": 125}},
        "comments": {"summary": {"total_count": 13}},
    }


def test_recorded_error(recorded: Callable[[str], Any]) -> None:
    verdict = classify(httpx.Response(400, json=recorded("facebook/error.json")))
    assert (verdict.kind, verdict.reason) == (Kind.BAD_REQUEST, "bad_request")
    assert "app secret" not in verdict.detail


# --- the three lints -------------------------------------------------------------------------

#: edges that the SDK knows as methods, with the type of their rows and of their parameters
EDGES = {"published_posts": (Page, PagePost), "comments": (PagePost, Comment)}
GENERAL = {"fields", "limit", "after", "since", "until", "access_token", "__paging_token"}


def known(cls: type) -> set[str]:
    """Fields and edges that the SDK knows of a node."""
    return set(cls._field_types) | {m[4:] for m in vars(cls) if m.startswith("get_")}


def unknown_fields(fields: list[routes_facebook.Field], cls: type) -> set[str]:
    """Names in a parsed `fields` expression that the SDK does not know of `cls`."""
    wrong = {f"{cls.__name__}.{f.name}" for f in fields} - {
        f"{cls.__name__}.{name}" for name in known(cls)
    }
    below = {"published_posts": PagePost, "comments": Comment, "parent": Comment}
    for one in fields:
        if one.fields and one.name in below:
            wrong |= unknown_fields(one.fields, below[one.name])
    return wrong


def test_field_lint() -> None:
    for by_page in (False, True):
        text = page_fields(1, 2, 100, 25, by_page)
        assert ("user_likes" in text) == by_page
        assert unknown_fields(facebook_fields.parse_fields(text), Page) == set()
    wrong = facebook_fields.parse_fields("id,fans,published_posts{id,comments{id,author{x}}}")
    assert unknown_fields(wrong, Page) == {"Page.fans", "Comment.author"}
    for stream, cls in (("profiles", Page), ("posts", PagePost), ("messages", Comment)):
        rules = Facebook.fields[stream]
        ours = {"post_id"} if stream == "messages" else set()
        assert {path.split(".")[0] for path in rules.own | rules.citizen} - known(cls) == ours


def sdk_parameters(cls: type, edge: str) -> dict[str, str]:
    """An edge's own parameters in the SDK: name -> type."""
    request = getattr(cls("1", api=SimpleNamespace()), f"get_{edge}")(pending=True)
    checker = request._param_checker
    return {
        name: checker._enum_data.get(kind, kind) for name, kind in checker._type_check_info.items()
    }


def wrong_parameters(path: str, params: dict[str, str]) -> set[str]:
    """Parameters of a request that the SDK does not know, or whose value it does not allow."""
    edge = path.rpartition("/")[2]
    own = sdk_parameters(EDGES[edge][0], edge) if edge in EDGES else {}
    wrong = set(params) - GENERAL - set(own)
    for name, allowed in own.items():
        if name in params and not isinstance(allowed, str) and params[name] not in allowed:
            wrong.add(f"{name}={params[name]}")
    for field in facebook_fields.parse_fields(params.get("fields", "id")):
        if field.name in EDGES:
            nested = {k: v for k, v in field.modifiers.items() if k not in ("as", "summary")}
            wrong |= wrong_parameters(f"/{field.name}", nested)
        for one in field.fields or []:
            if one.name in EDGES:
                nested = {k: v for k, v in one.modifiers.items() if k not in ("as", "summary")}
                wrong |= wrong_parameters(f"/{one.name}", nested)
    return wrong


def test_request_lint(server: Server) -> None:
    scan(server, [server.world.page(1, posts=130, comments=130)])
    edges = Counter(url.path.rpartition("/")[2] for url in server.urls)
    assert edges["published_posts"] and edges["comments"] and edges["1001"]
    for url in server.urls:
        assert wrong_parameters(url.path, dict(url.params)) == set()
    assert wrong_parameters("/1_2/comments", {"filter": "flat"}) == {"filter=flat"}
    assert wrong_parameters("/1_2/comments", {"sort": "new"}) == {"sort"}
    assert wrong_parameters("/1", {"fields": "published_posts{comments.filter(all)}"}) == {
        "filter=all"
    }


PLAUSIBLE = {
    "bool": bool, "unsigned int": int, "string": str, "datetime": str, "Object": dict,
    "Comment": dict,
}  # fmt: skip
ALIASES = {"conversation": "comments"}


def wrong_keys(node: dict[str, Any], cls: type) -> set[str]:
    """Keys of a node of an answer that the SDK does not know, or whose type it does not expect."""
    wrong = set()
    for key, value in node.items():
        name = ALIASES.get(key, key)
        if name in EDGES or name == "reactions":
            row_cls = EDGES[name][1] if name in EDGES else None
            wrong |= {f"{name}.{k}" for k in set(value) - {"data", "paging", "summary"}}
            for row in value["data"]:
                wrong |= wrong_keys(row, row_cls) if row_cls else {f"{name}.data"}
        elif name not in cls._field_types:
            wrong.add(f"{cls.__name__}.{key}")
        elif not isinstance(value, PLAUSIBLE[cls._field_types[name]]):
            wrong.add(f"{cls.__name__}.{key}: {type(value).__name__}")
        elif cls._field_types[name] == "datetime":
            datetime.strptime(value, "%Y-%m-%dT%H:%M:%S+0000").replace(tzinfo=UTC)
    return wrong


def test_response_lint(server: Server) -> None:
    server.world.page(1, posts=2, comments=2)
    page = server.world.accounts[1001]
    server.world.say(page, None, NOW - timedelta(minutes=5), kind="repost")
    fields = page_fields(0, int(NOW.timestamp()), 100, 25, True).replace("id,", "id,name,", 1)
    body = httpx.get(
        f"{server.base_url}/1001", params={"fields": fields, "access_token": TOKEN}
    ).json()
    assert wrong_keys(body, Page) == set()
    body["fans"], body["followers_count"] = 3, "many"
    body["published_posts"]["data"][0]["reposts"] = 1
    body["published_posts"]["data"][1]["conversation"]["data"][0]["author"] = "x"
    assert wrong_keys(body, Page) == {
        "Page.fans",
        "Page.followers_count: str",
        "PagePost.reposts",
        "Comment.author",
    }
