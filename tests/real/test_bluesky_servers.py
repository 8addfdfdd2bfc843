"""The connector against Bluesky's own PDS, AppView and PLC: what was seeded is what it yields."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from klankbord.database import Access
from klankbord.http import Client
from klankbord.platforms.base import Account, Window
from klankbord.platforms.bluesky import GET_POST_THREAD, GET_PROFILES, Bluesky
from klankbord.platforms.bluesky_answers import GET_AUTHOR_FEED
from klankbord.platforms.events import Item, Outcome
from klankbord.privacy import minimise
from klankbord.verdicts import BadRequest, Gone
from tests.bluesky_world import need_packages
from tests.real.bluesky_network import bluesky_network
from tests.real.bluesky_plan import HOUR, Known, Person, Seeded, benchmark

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def until() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def network(needs: Callable[[str], str], postgres: Access, until: datetime) -> Iterator[Seeded]:
    needs("redis-server")
    need_packages()
    with bluesky_network(benchmark(until), postgres.parameters(postgres.admin, "postgres")) as made:
        yield made


@pytest.fixture
def client(network: Seeded) -> Iterator[Client]:
    options = Bluesky.client_options("a token that must not be sent")
    made = Client(network.url, Bluesky.classify, only_loopback=True, **options)
    yield made
    made.close()


def account(person: Person, user_id: str | None = None) -> Account:
    organisation = str(person.organisation_id)
    return Account(f"{organisation}-bluesky", organisation, "bluesky", person.handle, user_id)


@pytest.fixture
def scan(network: Seeded, client: Client, until: datetime) -> dict[str, list[Item | Outcome]]:
    """Everything that one scan of all bodies, the gone ones too, yields, by key of the body."""
    people = [*network.bodies, *network.gone]
    events = list(Bluesky(client).extract([account(p) for p in people], Window.ending(until)))
    return {p.key: [e for e in events if e.account_id == account(p).account_id] for p in people}


def items(events: list[Item | Outcome], stream: str) -> list[Item]:
    return [e for e in events if isinstance(e, Item) and e.stream == stream]


def outcomes(events: list[Item | Outcome]) -> list[tuple[str, str, str]]:
    return [(e.stream, e.status, e.reason) for e in events if isinstance(e, Outcome)]


def found(item: Item) -> Known:
    """An item in the words of the plan."""
    post, reason = item.payload["post"], item.payload.get("reason")
    parent = post["record"].get("reply", {}).get("parent", {}).get("uri")
    if reason:
        return Known(item.item_id, "repost", datetime.fromisoformat(reason["indexedAt"]), None)
    kind = "incoming"
    if item.is_own:
        own_uri = f"at://{item.author_id}/"
        kind = "reply" if parent else "original"
        kind = "continuation" if parent and parent.startswith(own_uri) else kind
    created_at = datetime.fromisoformat(post["record"]["createdAt"])
    is_question = "?" in str(item.text) and not item.is_own
    if not item.is_own:
        return Known(item.item_id, kind, created_at, parent, is_question)
    counters = [post[f"{name}Count"] for name in ("like", "reply", "repost", "quote")]
    return Known(item.item_id, kind, created_at, parent, False, *counters)


def newest_first(known: list[Known]) -> list[Known]:
    return sorted(known, key=lambda k: (k.created_at, k.item_id), reverse=True)


def test_every_body_is_found_as_it_was_seeded(network, scan):
    assert len(network.bodies) == 8
    for body in network.bodies:
        events = scan[body.key]
        assert outcomes(events) == [(s, "ok", "") for s in ("profiles", "posts", "messages")]
        [profile] = items(events, "profiles")
        assert profile.payload["followersCount"] == network.followers(body.key)
        assert profile.item_id == profile.author_id == network.dids[body.key]
        posts = [found(i) for i in items(events, "posts")]
        assert newest_first(posts) == newest_first(network.own(body.key))
        messages = [found(i) for i in items(events, "messages")]
        assert newest_first(messages) == newest_first(network.incoming(body.key))


def test_the_plan_holds_what_the_comparison_is_for(network):
    """A comparison of nothing with nothing would pass too."""
    own = {body.key: network.own(body.key) for body in network.bodies}
    assert {k.kind for k in own["pzantwerpen"]} == {"original", "reply", "continuation", "repost"}
    assert [k.reactions for k in own["gent"][:2]] == [2, 0]
    [ring] = [k for k in own["pzantwerpen"] if k.kind == "original"]
    assert (ring.comments, ring.shares, ring.quotes) == (2, 2, 1)
    incoming = network.incoming("pzantwerpen")
    assert [k.is_question for k in incoming] == [True, False]  # deleted, blocked: out of sight
    assert sorted(network.followers(b.key) for b in network.bodies) == [0, 0, 1, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("body", "hours"),
    [("gent", 1.5), ("antwerpen", 1.5), ("mechelen", 30), ("brugge", 200), ("leuven", -1 / 30)],
)
def test_response_times_are_exact(scan, body, hours):
    [question] = [found(i) for i in items(scan[body], "messages")]
    [answer] = [k for i in items(scan[body], "posts") if (k := found(i)).kind == "reply"]
    assert answer.parent_id == question.item_id
    assert answer.created_at - question.created_at == hours * HOUR


def test_all_pages_are_read_to_the_oldest_post(network, scan):
    posts = items(scan["gent"], "posts")
    assert len(posts) == 131
    assert posts[-1].item_id == network.uris["gent-0"]


def test_bodies_that_are_gone_are_gone(network, scan):
    assert {p.key for p in network.gone} == {"gesloten", "verwijderd"}
    for body in network.gone:
        assert outcomes(scan[body.key]) == [
            (s, "gone", "account_not_found") for s in ("profiles", "posts", "messages")
        ]
        assert items(scan[body.key], "posts") == []


def test_calls_are_as_few_as_the_platform_allows(network, client, until):
    gent, leuven = (p for p in network.bodies if p.key in ("gent", "leuven"))
    list(Bluesky(client).extract([account(gent), account(leuven)], Window.ending(until)))
    # gent: two pages, the empty one, a thread; leuven: one page, the empty one, a thread
    assert client.request_count == 1 + 4 + 3


def test_a_did_of_the_register_is_enough(network, client, until):
    [leuven] = [p for p in network.bodies if p.key == "leuven"]
    renamed = Person("leuven", "old-name.test", "", leuven.organisation_id)
    known = account(renamed, network.dids["leuven"])
    assert outcomes(list(Bluesky(client).extract([known], Window.ending(until)))) == [
        (s, "ok", "") for s in ("profiles", "posts", "messages")
    ]


def test_an_impossible_handle_costs_its_own_account_only(network, client, until):
    [leuven] = [p for p in network.bodies if p.key == "leuven"]
    faulty = Person("x", "not_a_handle", "", "be-x")
    events = list(Bluesky(client).extract([account(faulty), account(leuven)], Window.ending(until)))
    faulty_events = [e for e in events if e.account_id == "be-x-bluesky"]
    assert {e.reason for e in faulty_events} == {"bad_request"}
    assert sum(isinstance(e, Outcome) and e.status == "ok" for e in events) == 3


@pytest.mark.parametrize(
    ("path", "query", "error"),
    [
        (GET_AUTHOR_FEED, {"actor": "nobody.test"}, Gone),
        (GET_AUTHOR_FEED, {"actor": "gesloten.test"}, Gone),
        (GET_AUTHOR_FEED, {"actor": "gent.test", "limit": 101, "cursor": "1__a"}, BadRequest),
        (GET_POST_THREAD, {"uri": "at://did:plc:abc/app.bsky.feed.post/3k"}, Gone),
        (GET_POST_THREAD, {"uri": "rubbish"}, BadRequest),
        (GET_PROFILES, {"actors": ["gent.test"] * 26}, BadRequest),
        ("/xrpc/app.bsky.feed.noSuchMethod", {}, BadRequest),
    ],
)
def test_the_servers_refusals_are_understood(client, path, query, error):
    with pytest.raises(error) as caught:
        client.get(path, query)
    assert "gesloten" not in str(caught.value)
    assert "did:plc" not in str(caught.value)


def test_no_citizen_passes_the_line(network, scan):
    """Names, handles, DIDs and texts of citizens are in the answers and not in what is kept."""
    citizens = [p for p in network.plan.accounts if p.organisation_id is None]
    secrets = [w for p in citizens for w in (p.handle, p.name, network.dids[p.key])]
    secrets += [p.text for p in network.plan.posts if p.by in {c.key for c in citizens}]
    every = [e for events in scan.values() for e in events if isinstance(e, Item)]
    before = " ".join(str(e.payload) for e in every)
    kept = " ".join(str(minimise(e, Bluesky.fields[e.stream], "bluesky", "key")) for e in every)
    assert sum(secret in before for secret in secrets) > len(citizens) * 3
    assert [secret for secret in secrets if secret in kept] == []


def test_threads_hold_together_after_pseudonyms(network, scan):
    """A kept parent is found among the kept ids: an own post's too, in a citizen's answer."""
    for body in network.bodies:
        kept = [
            minimise(e, Bluesky.fields[e.stream], "bluesky", "key")
            for stream in ("posts", "messages")
            for e in items(scan[body.key], stream)
        ]
        ids = {item_id for item_id, _ in kept}
        parents = {
            p["post"]["record"]["reply"]["parent"]["uri"]
            for _, p in kept
            if p["post"]["record"].get("reply") and p["klankbord"]["author"] != "own"
        }
        assert parents <= ids
