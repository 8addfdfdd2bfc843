"""The connector against mastodon-mock, an emulator that others wrote: all that was put there."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from klankbord import database
from klankbord.http import Client
from klankbord.landing import Landing
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Item, Outcome, ThreadRead
from klankbord.platforms.mastodon import Mastodon
from klankbord.privacy import is_question, minimise
from klankbord.verdicts import Throttled
from klankbord.warehouse import run
from tests.real.mastodon_network import HOST, HOUR, Emulator, Seeded, benchmark, mastodon_network

NOW = datetime.now(UTC).replace(microsecond=0)
OK = ("ok", "")


@pytest.fixture(scope="module")
def network() -> Iterator[tuple[Emulator, Seeded]]:
    with mastodon_network() as emulator:
        yield emulator, emulator.seed(benchmark(NOW))


@pytest.fixture
def emulator(network: tuple[Emulator, Seeded]) -> Iterator[Emulator]:
    yield network[0]
    network[0].heal()


@pytest.fixture
def truth(network: tuple[Emulator, Seeded]) -> Seeded:
    return network[1]


def accounts(truth: Seeded) -> list[Account]:
    return [Account(p.key, str(p.organisation_id), "mastodon", p.handle) for p in truth.bodies]


class Scan:
    """One scan of the bodies: items by (account, stream), outcomes, what was raised."""

    def __init__(self, emulator: Emulator, truth: Seeded, *only: str, timeout: float = 20) -> None:
        self.items: dict[tuple[str, str], list[Item]] = {}
        self.outcomes: dict[tuple[str, str], tuple[str, str]] = {}
        self.events: list[Item | Outcome] = []
        self.raised: Throttled | None = None
        client = Client(
            emulator.base_url,
            Mastodon.classify,
            only_loopback=True,
            backoff_seconds=0,
            timeout=timeout,
        )
        wanted = [a for a in accounts(truth) if not only or a.account_id in only]
        try:
            for event in Mastodon(client).extract(wanted, Window.ending(NOW)):
                self.events.append(event)
                if isinstance(event, ThreadRead):
                    continue
                place = event.account_id, event.stream
                if isinstance(event, Outcome):
                    assert place not in self.outcomes
                    self.outcomes[place] = event.status, event.reason
                else:
                    self.items.setdefault(place, []).append(event)
        except Throttled as error:
            self.raised = error
        self.requests = client.request_count
        client.close()

    def ends(self, key: str) -> list[tuple[str, str]]:
        return [self.outcomes[key, stream] for stream in Mastodon.streams]


@pytest.fixture(scope="module")
def scan(network: tuple[Emulator, Seeded]) -> Scan:
    return Scan(*network)


def created(item: Item) -> datetime:
    return datetime.fromisoformat(item.payload["created_at"])


def kind(item: Item) -> str:
    status, own_id = item.payload, item.author_id
    if status["reblog"]:
        return "repost"
    if status["in_reply_to_id"] is None:
        return "original"
    return "continuation" if status["in_reply_to_account_id"] == own_id else "reply"


def test_everything_ends_well(scan: Scan, truth: Seeded) -> None:
    assert len(truth.bodies) == 6
    assert all(scan.ends(body.key) == [OK] * 3 for body in truth.bodies)


def test_followers_are_those_that_follow(scan: Scan, truth: Seeded) -> None:
    found = {
        key: items[0].payload["followers_count"]
        for (key, stream), items in scan.items.items()
        if stream == "profiles" and len(items) == 1
    }
    assert found == {body.key: truth.followers(body.key) for body in truth.bodies}
    assert found == dict(gent=3, antwerpen=1, mechelen=2, brugge=3, leuven=4, utrecht=5)


def test_every_own_status_is_found_with_its_kind_time_parent_and_counters(
    scan: Scan, truth: Seeded
) -> None:
    for body in truth.bodies:
        known = [
            (k.item_id, k.kind, k.created_at, k.parent_id, k.reactions, k.comments, k.shares)
            for k in truth.own(body.key)
        ]
        found = [
            (
                i.item_id,
                kind(i),
                created(i),
                i.payload["in_reply_to_id"],
                i.payload["favourites_count"],
                i.payload["replies_count"],
                i.payload["reblogs_count"],
            )
            for i in scan.items.get((body.key, "posts"), [])
        ]
        assert found == known, body.key
    assert len(truth.own("gent")) == 90 + 3  # three pages
    assert {k.kind for k in truth.own("leuven")} == {"original", "continuation", "reply", "repost"}


def test_every_open_message_is_found_and_no_other(scan: Scan, truth: Seeded) -> None:
    for body in truth.bodies:
        found = {
            (i.item_id, created(i), i.payload["in_reply_to_id"], is_question(i.text or ""))
            for i in scan.items.get((body.key, "messages"), [])
        }
        assert found == {
            (k.item_id, k.created_at, k.parent_id, k.is_question) for k in truth.incoming(body.key)
        }, body.key
    assert len(truth.incoming("gent")) == 6


def test_response_times_are_those_that_were_planned(scan: Scan, truth: Seeded) -> None:
    """First responses worked out from the items alone, against the plan."""
    for body in ("gent", "antwerpen", "mechelen", "brugge"):
        messages = scan.items[body, "messages"]
        own = {i.item_id: i for i in scan.items[body, "posts"]}
        parents = {i.item_id: i.payload["in_reply_to_id"] for i in (*messages, *own.values())}

        def line(item_id: str | None, parents: dict = parents) -> Iterator[str]:
            while item_id:
                yield item_id
                item_id = parents.get(item_id)

        times = {
            m.item_id: min(
                (created(i) - created(m) for i in own.values() if m.item_id in line(i.item_id)),
                default=None,
            )
            for m in messages
            if is_question(m.text or "")
        }
        assert times == {question: truth.first_response(question) for question in times}
        assert sorted(times.values(), key=str) == sorted(
            [1.5 * HOUR, 30 * HOUR, 200 * HOUR, None], key=str
        )


def test_as_few_calls_as_there_are_pages_and_answered_threads(scan: Scan) -> None:
    lookups, pages, contexts = 6, 5 + 3, 5
    assert scan.requests == lookups + pages + contexts


def test_no_citizen_is_left_in_what_may_be_stored(scan: Scan) -> None:
    stored = str(
        [
            minimise(item, Mastodon.fields[item.stream], "mastodon", "key")
            for items in scan.items.values()
            for item in items
        ]
    )
    for word in ("anke", "bilal", "celine", "Burger", "burgers.example", "loket", "Leie"):
        assert word not in stored, word


def test_staging_says_what_was_put_there(
    scan: Scan, truth: Seeded, warehouse: database.Access
) -> None:
    with closing(warehouse.open("klankbord_loader")) as connection:
        landing = Landing(
            connection,
            "mastodon",
            Window.ending(NOW),
            streams={event.account_id: Mastodon.streams for event in scan.events},
            fields=Mastodon.fields,
            key="key",
            run_id="test",
            now=NOW,
        )
        for event in scan.events:
            landing.add(event)
        landing.close(scan.requests)
    run(warehouse, ["run", "--select", "path:models/staging/mastodon"])
    with closing(warehouse.open("klankbord_transformer")) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "select account_id, post_id, message_kind, created_at, in_reply_to_id, reactions,"
            " comments, shares, quotes, views, text_length is null"
            " from staging.stg_mastodon__posts"
        )
        posts = set(cursor.fetchall())
        cursor.execute(
            "select account_id, message_id, created_at, in_reply_to_id, is_question, is_own,"
            " author_pseudonym ~ '^[0-9a-f]{32}$' from staging.stg_mastodon__messages"
        )
        messages = set(cursor.fetchall())
        cursor.execute(
            "select account_id, followers, platform_user_id from staging.stg_mastodon__profiles"
        )
        profiles = set(cursor.fetchall())
    keys = [body.key for body in truth.bodies]
    assert posts == {
        (
            *(key, k.item_id, k.kind, k.created_at, k.parent_id),
            *(k.reactions, k.comments, k.shares, None, None, k.kind == "repost"),
        )
        for key in keys
        for k in truth.own(key)
    }
    assert messages == {
        (key, k.item_id, k.created_at, k.parent_id, k.is_question, False, True)
        for key in keys
        for k in truth.incoming(key)
    }
    assert profiles == {(key, truth.followers(key), truth.user_ids[key]) for key in keys}


@pytest.mark.parametrize(
    ("effect", "more", "end"),
    [
        ("status", {"status": 503}, ("failed", "server_error")),
        ("status", {"status": 401}, ("refused", "authorization_required")),
        ("status", {"status": 404}, ("gone", "account_not_found")),
        ("malformed", {}, ("failed", "malformed_answer")),
        ("malformed", {"truncate": False}, ("failed", "malformed_answer")),
        ("timeout", {}, ("failed", "timeout")),
    ],
)
def test_its_faults_concern_the_account_that_met_them(
    emulator: Emulator, truth: Seeded, effect: str, more: dict, end: tuple[str, str]
) -> None:
    emulator.fault(effect, f"/accounts/{truth.user_ids['leuven']}/statuses", count=None, **more)
    found = Scan(emulator, truth, "leuven", "mechelen", timeout=0.5)
    assert found.ends("leuven") == [OK, end, end]
    assert found.ends("mechelen") == [OK] * 3
    emulator.heal()
    assert Scan(emulator, truth, "leuven").ends("leuven") == [OK] * 3


@pytest.mark.parametrize("form", ["epoch", "iso"])
def test_its_rate_limit_is_raised_with_its_reset(
    emulator: Emulator, truth: Seeded, form: str
) -> None:
    reset = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=4)
    text = reset.isoformat() if form == "iso" else str(int(reset.timestamp()))
    emulator.fault("ratelimit", "/context$", headers={"X-RateLimit-Reset": text})
    found = Scan(emulator, truth, "antwerpen", "brugge")
    assert found.raised is not None
    assert found.raised.retry_at == reset
    assert found.ends("antwerpen") == [OK, OK, ("failed", "throttled")]
    assert found.ends("brugge") == [("failed", "throttled")] * 3
    assert Scan(emulator, truth, "antwerpen").ends("antwerpen") == [OK] * 3


def test_an_account_that_is_not_there_is_gone(emulator: Emulator) -> None:
    client = Client(emulator.base_url, Mastodon.classify, only_loopback=True)
    nobody = Account("nobody", "nobody", "mastodon", f"nobody@{HOST}")
    events = list(Mastodon(client).extract([nobody], Window.ending(NOW)))
    assert [(e.status, e.reason) for e in events] == [("gone", "account_not_found")] * 3
