"""The sandbox's Threads: read by the connector, and held against the documented fields.

Documentation only: the tables below were written from the Threads API reference (User 2025-12,
Reply Management 2026-02, Insights 2026-01), because no package carries the contract.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from klankbord.http import Client
from klankbord.platforms import threads_calls as calls
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Item, Outcome, ThreadRead
from klankbord.platforms.threads import POST_KEPT, PROFILE_KEPT, Threads
from klankbord.sandbox.core import Sandbox
from klankbord.sandbox.model import Counters, Message, Person, WorldAccount
from klankbord.sandbox.server import run_in_thread
from klankbord.verdicts import Throttled

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
WINDOW = Window.ending(NOW)
JAN = Person(4_000_000_000_000_001, "Jan Peeters", "peeters0000001", "https://a.example/1.jpg")
USER = {"id", "username", "name", "threads_profile_picture_url", "threads_biography", "is_verified"}
MEDIA = {
    "id", "media_product_type", "media_type", "media_url", "permalink", "owner", "username", "text",
    "timestamp", "shortcode", "thumbnail_url", "children", "is_quote_post", "alt_text",
    "link_attachment_url", "has_replies", "reply_audience", "quoted_post", "reposted_post",
    "gif_url", "topic_tag", "is_verified", "profile_picture_url",
}  # fmt: skip
REPLY = MEDIA | {"root_post", "replied_to", "is_reply", "is_reply_owned_by_me", "hide_status"}
METRICS = {"views", "likes", "replies", "reposts", "quotes", "shares"}
PARAMETERS = {
    "/me": {"fields"},
    "/me/threads": {"fields", "since", "until", "limit", "before", "after"},
    "/me/replies": {"fields", "since", "until", "limit", "before", "after"},
    "/me/threads_insights": {"metric", "since", "until", "breakdown"},
    "/{id}/insights": {"metric"},
    "/{id}/conversation": {"fields", "reverse", "before", "after"},
}
FIELDS = {"/me": USER, "/me/threads": MEDIA, "/me/replies": REPLY, "/{id}/conversation": REPLY}
TYPES = {"TEXT_POST", "IMAGE", "VIDEO", "CAROUSEL_ALBUM", "AUDIO", "REPOST_FACADE"}


class SmallWorld:
    """One account with a conversation, and one with more posts than a page holds."""

    def __init__(self) -> None:
        self.accounts = [
            WorldAccount(f"{n}-threads", n, "threads", f"stad.{n}", i, n.title(), 50)
            for i, n in enumerate(("gent", "brugge"), 101)
        ]
        gent, brugge = self.accounts
        self.said: dict[str, list[Message]] = {gent.account_id: [], brugge.account_id: []}
        post = self.say(gent, 1, 60)
        asked = self.say(gent, 2, 50, post, JAN)
        reply = self.say(gent, 3, 40, asked, kind="reply")
        self.say(gent, 4, 30, reply, JAN)
        self.say(gent, 5, 55, post, kind="continuation")
        self.say(gent, 6, 20, kind="repost")
        self.long = self.say(brugge, 1000, 24 * 29)
        for number in range(130):
            self.say(brugge, 1001 + number, 24 * 28 - number)
        for number in range(60):
            self.say(brugge, 2000 + number, 24 * 27 - number, self.long, JAN)

    def say(self, account, number, hours, parent=None, author=None, kind="original") -> Message:
        message = Message(
            number, account.account_id, author, "incoming" if author else kind,
            NOW - timedelta(hours=hours), "Hoe laat?", parent and parent.message_id,
            parent.root_id if parent else number,
        )  # fmt: skip
        self.said[account.account_id].append(message)
        return message

    def find(self, platform: str, name: str) -> WorldAccount | None:
        return next((a for a in self.accounts if str(a.user_id) == name), None)

    def own(self, account, since, until, at=None) -> list[Message]:
        rows = [m for m in self.said[account.account_id] if m.is_own]
        rows = [m for m in rows if since <= m.created_at < until]
        return sorted(rows, key=lambda m: m.created_at, reverse=True)

    def message(self, account, number: int) -> Message | None:
        return next((m for m in self.said[account.account_id] if m.message_id == number), None)

    def thread(self, account, root: int, until) -> list[Message]:
        rows = [m for m in self.said[account.account_id] if m.root_id == root]
        return sorted((m for m in rows if m.created_at < until), key=lambda m: m.message_id)

    def answers(self, account, number: int, until) -> list[Message]:
        return [m for m in self.said[account.account_id] if m.parent_id == number]

    def counters(self, account, message, moment) -> Counters:
        replies = len(self.thread(account, message.message_id, moment)) - 1
        return Counters(reactions=7, comments=replies, shares=3, quotes=2, views=99)

    def followers(self, account, moment) -> int:
        return account.followers_start


@pytest.fixture(scope="module")
def sandbox() -> Iterator[tuple[Sandbox, str]]:
    sandbox = Sandbox(SmallWorld(), NOW)
    with run_in_thread(sandbox) as url:
        yield sandbox, f"{url}/threads"


@pytest.fixture(autouse=True)
def in_the_sandbox(sandbox, monkeypatch) -> Iterator[None]:
    monkeypatch.setenv("KLANKBORD_SANDBOX", "1")
    yield
    sandbox[0].faults.clear()


def account(place: int) -> Account:
    found = SmallWorld().accounts[place]
    return Account(
        found.account_id, found.organisation_id, "threads", found.handle, str(found.user_id),
        access_tier="T3",
    )  # fmt: skip


class Recording(Client):
    """Every answer with its path, for the lints."""

    def get_response(self, path: str, params: Any = None, **more: Any) -> httpx.Response:
        response = super().get_response(path, params, **more)
        self.__dict__.setdefault("seen", []).append((path, dict(params or {}), response.json()))
        return response


def read(url: str, *accounts: Account) -> tuple[list[Any], list[tuple[str, dict, Any]]]:
    client = Recording(url, Threads.classify, backoff_seconds=0, only_loopback=True)
    try:
        connector = Threads(client, lambda *_: "sandbox-token")
        return list(connector.extract(accounts, WINDOW)), client.__dict__.get("seen", [])
    finally:
        client.close()


def test_the_connector_reads_what_was_said(sandbox) -> None:
    events, _ = read(sandbox[1], account(0))
    assert all(e.status == "ok" for e in events if isinstance(e, Outcome))
    posts = {e.item_id: e for e in events if isinstance(e, Item) and e.stream == "posts"}
    assert set(posts) == {"1", "3", "5", "6"}
    assert posts["1"].payload["insights"] == {
        "views": 99, "likes": 7, "replies": 4, "reposts": 3, "quotes": 2
    }  # fmt: skip
    assert "insights" not in posts["6"].payload and posts["6"].text is None
    assert [posts[n].payload.get("replied_to_own") for n in "135"] == [None, False, True]
    messages = [e for e in events if isinstance(e, Item) and e.stream == "messages"]
    assert [(m.item_id, m.payload["replied_to"]["id"]) for m in messages] == [
        ("2", "1"),
        ("4", "3"),
    ]
    assert [e for e in events if isinstance(e, ThreadRead)] == [ThreadRead("gent-threads", "1")]


def test_two_pages_of_posts_and_three_of_a_conversation(sandbox) -> None:
    events, seen = read(sandbox[1], account(1))
    posts = [e for e in events if isinstance(e, Item) and e.stream == "posts"]
    assert len(posts) == 131 and posts[-1].item_id == "1000"
    messages = [e for e in events if isinstance(e, Item) and e.stream == "messages"]
    assert len(messages) == 60 and messages[-1].item_id == "2059"
    paths = [path for path, *_ in seen]
    assert paths.count("/me/threads") == 2 and paths.count("/1000/conversation") == 3


def shape(path: str) -> str:
    return re.sub(r"^/\d+", "/{id}", path)


def test_what_is_sent_and_answered_is_documented(sandbox) -> None:
    seen = [*read(sandbox[1], account(0))[1], *read(sandbox[1], account(1))[1]]
    assert {shape(path) for path, *_ in seen} == set(PARAMETERS)
    for path, params, body in seen:
        place = shape(path)
        assert set(params) <= PARAMETERS[place]
        assert set(params.get("fields", "id").split(",")) <= FIELDS.get(place, {"id"})
        rows = body.get("data", [body])
        if "insights" in place:
            wanted = {"followers_count"} if place.startswith("/me") else METRICS
            assert set(params["metric"].split(",")) <= wanted
            for row in rows:
                values = row["values"] if "values" in row else [row["total_value"]]
                assert row["name"] in wanted and isinstance(values[0]["value"], int)
                assert row["period"] in ("day", "lifetime")
            continue
        for row in rows:
            assert set(row) <= FIELDS[place] and row["id"].isdecimal()
            if "timestamp" in row:
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000", row["timestamp"])
            assert row.get("media_type", "TEXT_POST") in TYPES
            for name in ("replied_to", "root_post"):
                assert set(row.get(name, {"id": ""})) == {"id"}
        assert set(body.get("paging", {})) <= {"cursors", "next"}


def test_every_kept_field_is_known() -> None:
    ours = {"replied_to_own", "insights"}
    assert {path.partition(".")[0] for path in POST_KEPT} - ours <= REPLY
    assert PROFILE_KEPT - {"followers_count"} <= USER
    assert set(calls.COUNTERS) <= METRICS
    assert {p.partition(".")[2] for p in POST_KEPT if p.startswith("insights.")} == set(
        calls.COUNTERS
    )


def test_an_owner_sees_his_own_and_a_stranger_nothing(sandbox) -> None:
    def get(path: str, token: str) -> httpx.Response:
        return httpx.get(f"{sandbox[1]}{path}", headers={"Authorization": f"Bearer {token}"})

    assert get("/me?fields=id,username", "sandbox-token.101").json() == {
        "id": "101", "username": "stad.gent"
    }  # fmt: skip
    for token in ("x", "sandbox-token", "sandbox-token.999", "other.101"):
        assert get("/me", token).json()["error"]["code"] == 190
    assert get("/1/conversation", "sandbox-token.102").json()["error"]["error_subcode"] == 33
    assert get("/2/insights?metric=views", "sandbox-token.101").status_code == 400
    assert get("/me/nothing", "sandbox-token.101").json()["error"]["code"] == 100


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        ("token_expired", ("refused", "token_expired")),
        ("permission", ("refused", "permission")),
        ("not_found", ("gone", "account_not_found")),
        ("throttle", ("failed", "throttled")),
        ("throttle_400", ("failed", "throttled")),
        ("quota_spent", ("failed", "throttled")),
        ("server_error", ("ok", "")),
        ("cut_json", ("ok", "")),
    ],
)
def test_faults_are_told_in_graphs_words(sandbox, kind: str, ending: tuple[str, str]) -> None:
    place, url = sandbox
    place.faults.add("threads", kind, path="/me")
    client = Client(url, Threads.classify, backoff_seconds=0, only_loopback=True)
    outcomes = []
    try:
        for event in Threads(client, lambda *_: "sandbox-token").extract(
            [account(0), account(1)], WINDOW
        ):
            outcomes += [event] if isinstance(event, Outcome) else []
    except Throttled as error:
        assert error.retry_at > datetime.now(UTC)
    finally:
        client.close()
    assert not place.faults.waiting()
    found = {(o.status, o.reason) for o in outcomes if o.account_id == "gent-threads"}
    assert found == {ending}
    assert all(o.status == "ok" for o in outcomes if o.account_id == "brugge-threads")


def test_a_page_that_repeats_itself_is_reported(sandbox) -> None:
    place, url = sandbox
    place.faults.add("threads", "repeated_page", path="/me/threads", times=3)  # insights too
    outcomes = {e.stream: e for e in read(url, account(1))[0] if isinstance(e, Outcome)}
    assert outcomes["posts"].reason == "repeated_page"
    place.faults.clear()
    place.faults.add("threads", "empty_last_page", path="/me/threads", times=4)
    outcomes = {e.stream: e for e in read(url, account(1))[0] if isinstance(e, Outcome)}
    assert outcomes["posts"].status == "ok"
