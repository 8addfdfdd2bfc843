"""The sandbox's events over real HTTP: ordered, listed, taken back, shown in platforms' words."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from klankbord.register.handles import impossible_handle
from klankbord.sandbox.core import Sandbox
from klankbord.sandbox.events import KINDS
from klankbord.sandbox.model import WorldAccount
from klankbord.sandbox.server import run_in_thread
from klankbord.sandbox.world import World
from klankbord.sandbox.youtube_objects import channel_id
from tests.pipeline.house import NOW
from tests.pipeline.registers import bodies

BODY = "nl-police-unit-oost-brabant"  # on every platform

#: without it the world writes sixteen years
LATELY = {"start_time": "2026-09-01T00:00:00Z"}


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Sandbox, httpx.Client]]:
    sandbox = Sandbox(World(bodies(), only={BODY}), NOW)
    with (
        run_in_thread(sandbox) as url,
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {sandbox.token}"}) as client,
    ):
        yield sandbox, client


@pytest.fixture
def ask(served: tuple[Sandbox, httpx.Client]) -> Iterator[httpx.Client]:
    yield served[1]
    served[0].events.clear()


@pytest.fixture
def sandbox(served: tuple[Sandbox, httpx.Client]) -> Sandbox:
    return served[0]


def account(sandbox: Sandbox, platform: str) -> WorldAccount:
    return sandbox.world.account(f"{BODY}-{platform}")


def order(ask: httpx.Client, platform: str, kind: str, **more: str) -> httpx.Response:
    body = {"account_id": f"{BODY}-{platform}", "kind": kind, **more}
    return ask.post("/_sandbox/events", json=body)


def test_events_are_ordered_listed_and_taken_back(ask, sandbox):
    first, second = f"{BODY}-facebook", f"{BODY}-x"
    assert ask.get("/_sandbox/events").json() == []
    order(ask, "facebook", "renamed", to="gemeente.aalst")
    order(ask, "x", "protected")
    assert order(ask, "x", "follower_jump").json() == [
        {"account_id": first, "kind": "renamed", "to": "gemeente.aalst"},
        {"account_id": second, "kind": "protected", "to": ""},
        {"account_id": second, "kind": "follower_jump", "to": ""},
    ]
    left = ask.delete("/_sandbox/events", params={"account_id": second}).json()
    assert [event["account_id"] for event in left] == [first]
    assert ask.delete("/_sandbox/events").json() == []
    assert type(sandbox.world) is World  # without an event nothing stands in between


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"account_id": "a"}, "An event is an object of ['account_id', 'kind', 'to']"),
        ([], "An event is an object"),
        ({"account_id": "a", "kind": "dead", "to": 3}, "An event is an object"),
        ({"account_id": "a", "kind": "dead", "when": ""}, "An event is an object"),
        ({"account_id": "a", "kind": "fire"}, "No event is called 'fire': give one of ['dead',"),
        ({"account_id": "a", "kind": "dead"}, "The world has no account 'a'."),
        (
            {"account_id": f"{BODY}-mastodon", "kind": "renamed"},
            "mastodon cannot show 'renamed': choose bluesky, facebook, instagram,",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(ask, body, said):
    answer = ask.post("/_sandbox/events", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(said)
    assert ask.get("/_sandbox/events").json() == []


@pytest.mark.parametrize("platform", sorted(KINDS["renamed"]))
def test_a_new_name_is_free_possible_and_the_only_one(ask, sandbox, platform):
    old = account(sandbox, platform)
    [event] = order(ask, platform, "renamed").json()
    assert event["to"] != old.handle
    assert impossible_handle(platform, event["to"]) is None
    seen = sandbox.world
    assert seen.find(platform, old.handle) is None
    by_name, by_id = seen.find(platform, event["to"].upper()), seen.find(platform, old.user_id)
    assert by_name == by_id
    assert (by_id.handle, by_id.user_id) == (event["to"], old.user_id)


def test_who_took_a_name_over_has_another_id_and_the_old_one_is_gone(ask, sandbox):
    old = account(sandbox, "x")
    order(ask, "x", "hijacked")
    query = {"usernames": old.handle}
    [user] = ask.get("/x/2/users/by", params=query).json()["data"]
    assert user["username"] == old.handle
    assert user["id"] != str(old.user_id)
    [error] = ask.get("/x/2/users", params={"ids": str(old.user_id)}).json()["errors"]
    assert error["title"] == "Not Found Error"
    assert ask.get(f"/x/2/users/{user['id']}/tweets", params=LATELY).json()["data"]


def test_who_protects_his_posts_shows_the_profile_alone(ask, sandbox):
    who = account(sandbox, "x")
    post = sandbox.world.own(who, NOW - timedelta(days=9), NOW)[0]
    fields = {"ids": str(who.user_id), "user.fields": "protected"}
    lookup = {"ids": str(post.message_id)}

    def shown() -> tuple[bool, bool, bool]:
        [user] = ask.get("/x/2/users", params=fields).json()["data"]
        asked = (
            ask.get(f"/x/2/users/{who.user_id}/tweets", params=LATELY),
            ask.get("/x/2/tweets", params=lookup),
        )
        for answer in asked:
            for error in answer.json().get("errors", ()):
                assert error["type"].endswith("/2/problems/not-authorized-for-resource")
        return (user["protected"], *("data" in answer.json() for answer in asked))

    assert shown() == (False, True, True)
    order(ask, "x", "protected")
    assert shown() == (True, False, False)


def test_who_moved_says_where_to(ask, sandbox):
    page, local = account(sandbox, "facebook"), account(sandbox, "mastodon")
    lookup = {"acct": local.handle}
    assert "moved" not in ask.get("/mastodon/api/v1/accounts/lookup", params=lookup).json()
    [_, new] = [order(ask, name, "moved").json() for name in ("facebook", "mastodon")][-1]
    moved = ask.get("/mastodon/api/v1/accounts/lookup", params=lookup).json()["moved"]
    assert moved["acct"] == new["to"] == local.handle.replace("@", "@nieuw.")
    error = ask.get(f"/facebook/{page.user_id}").json()["error"]
    assert error["code"] == 21


def test_a_refused_token_is_one_accounts(ask, sandbox):
    page, channel = account(sandbox, "facebook"), account(sandbox, "youtube")
    owner = account(sandbox, "tiktok")
    public = {"part": "statistics", "id": channel_id(channel.user_id), "key": sandbox.token}
    report = {"ids": f"channel=={channel_id(channel.user_id)}"}
    own = {"Authorization": f"Bearer {sandbox.token}.{owner.user_id}"}
    for name in ("facebook", "youtube", "tiktok"):
        order(ask, name, "token_refused")
    for node in (page.user_id, page.handle):
        assert ask.get(f"/facebook/{node}").json()["error"]["code"] == 190
    assert ask.get(f"/facebook/{page.user_id + 1}").json()["error"]["code"] == 100
    # everybody's key is not the owner's token
    assert "items" in ask.get("/youtube/youtube/v3/channels", params=public).json()
    assert ask.get("/youtube/v2/reports", params=report).status_code == 401
    fields = {"fields": "open_id"}
    assert ask.get("/tiktok/v2/user/info/", params=fields, headers=own).status_code == 401
    ask.delete("/_sandbox/events")
    assert ask.get("/tiktok/v2/user/info/", params=fields, headers=own).status_code == 200


def test_numbers_of_a_jump_and_of_a_shrunken_answer(ask, sandbox):
    channel, before = account(sandbox, "youtube"), sandbox.world
    count = before.followers(channel, NOW)
    own = before.own(channel, NOW - timedelta(days=60), NOW)
    order(ask, "youtube", "follower_jump")
    order(ask, "youtube", "shrunken_answer")
    shown = sandbox.world.followers(channel, NOW)
    assert 2 * count < shown <= 3 * count + 300
    assert shown == int(str(shown)[:3].ljust(len(str(shown)), "0"))  # three digits, as YouTube does
    left = sandbox.world.own(channel, NOW - timedelta(days=60), NOW)
    assert 0 < len(left) < len(own) / 2
    assert set(left) < set(own)
    # the same ones, whatever part is asked for
    assert sandbox.world.own(channel, own[5].created_at, NOW) == [
        m for m in left if m.created_at >= own[5].created_at
    ]
