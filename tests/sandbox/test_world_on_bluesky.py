"""The sandbox's own world through the routes and the connector: nothing lost, nothing extra."""

from collections.abc import Iterator

import httpx
import pytest
from tests.bluesky_world import NOW, OK, WINDOW, Server, items, lexicon, outcomes, registered, scan

from klankbord import register
from klankbord.sandbox import bluesky_objects as objects
from klankbord.sandbox.world import World
from klankbord.settings import PROJECT_ROOT

BODIES = 12


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    whole = World(register.read([PROJECT_ROOT / "register" / country for country in ("be", "nl")]))
    bodies = [a.organisation_id for a in whole.accounts if a.platform == "bluesky"][:BODIES]
    made.sandbox.world = World(whole.register, only=bodies)
    with made.running():
        yield made


def test_a_scan_yields_what_the_world_holds(server):
    world = server.sandbox.world
    accounts = [a for a in world.accounts if a.platform == "bluesky"]
    events = scan(server, [registered(a) for a in accounts])
    assert outcomes(events) == OK * BODIES
    found = {(i.account_id, i.stream, i.item_id) for i in items(events, "posts")}
    found |= {(i.account_id, i.stream, i.item_id) for i in items(events, "messages")}
    expected = set()
    for account in accounts:
        own = world.own(account, WINDOW.since, WINDOW.until)
        incoming = world.incoming(account, WINDOW.since, WINDOW.until)
        for message in own + incoming:
            who = message.author or account
            item_id = objects.uri(who.user_id, message.message_id)
            if message.kind == "repost":
                item_id = f"repost:{objects.reposted_view(message)['uri']}"
            stream = "posts" if message.is_own else "messages"
            expected.add((account.account_id, stream, item_id))
    assert len(expected) > 100
    assert found == expected
    followers = [i.payload["followersCount"] for i in items(events, "profiles")]
    assert followers == [world.followers(a, NOW) for a in accounts]


def test_the_worlds_answers_are_valid_by_the_official_lexicons(server):
    accounts = [a for a in server.sandbox.world.accounts if a.platform == "bluesky"]
    server.asked.clear()
    scan(server, [registered(a) for a in accounts])
    questions = [
        {
            "kind": "output",
            "id": url.split("?")[0].rsplit("/", 1)[-1],
            "value": httpx.get(url).json(),
        }
        for url in list(server.asked)
    ]
    assert len(questions) > 2 * BODIES
    assert lexicon(questions) == [None] * len(questions)
