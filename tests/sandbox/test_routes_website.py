"""The sandbox's websites: each format, read by the connector and held against its standard."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import feedparser
import httpx
import pytest

from klankbord.http import Client
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Item, Outcome
from klankbord.platforms.ledger import Ledger
from klankbord.platforms.website import Website
from klankbord.platforms.website_answers import classify
from klankbord.sandbox.core import Sandbox
from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.server import run_in_thread
from klankbord.sandbox.website_objects import AUTHOR, FORMATS
from klankbord.verdicts import Throttled

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
#: what each format demands of a feed and of an item
DEMANDED = {
    "rss20": ("<title>", "<link>", "<description>"),
    "atom10": ("<id>", "<title>", "<updated>"),
    "rss10": ("rdf:about", "<items><rdf:Seq>", "<link>"),
}


class SmallWorld:
    """A website of each format, and one without news."""

    accounts = tuple(
        WorldAccount(
            f"{n}-website", n, "website", f"https://www.{n}.example/feed?a=1&b=2", i, "A & B", 0
        )
        for i, n in enumerate(("rss", "atom", "rdf", "json", "empty"), 4)
    )

    def find(self, platform: str, name: str) -> WorldAccount | None:
        assert platform == "website"
        return next((a for a in self.accounts if a.handle == name), None)

    def own(self, account: WorldAccount, since: datetime, until: datetime) -> list[Message]:
        if account.organisation_id == "empty":
            return []
        rows = [
            Message(
                n, account.account_id, None, "reply" if n == 50 else "original",
                NOW - timedelta(days=70 - n, minutes=5), f'"Café" & {n} < 99 ?', None, n,
            )
            for n in range(70)
        ]  # fmt: skip
        return [m for m in reversed(rows) if since <= m.created_at < until]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[tuple[Sandbox, str]]:
    sandbox = Sandbox(SmallWorld(), NOW)
    with run_in_thread(sandbox) as url:
        yield sandbox, f"{url}/website"


@pytest.fixture(autouse=True)
def no_faults(sandbox: tuple[Sandbox, str]) -> Iterator[None]:
    yield
    sandbox[0].faults.clear()
    sandbox[0].set_clock(NOW)


def account(name: str, ledger: Ledger | None = None) -> Account:
    handle = f"https://www.{name}.example/feed?a=1&b=2"
    return Account(f"{name}-website", name, "website", handle, ledger=ledger or Ledger())


def read(url: str, *accounts: Account, now: datetime = NOW) -> tuple[list[Item], list[Outcome]]:
    client = Client(url, classify, backoff_seconds=0, only_loopback=True)
    events = list(Website(client).extract(accounts, Window.ending(now)))
    return (
        [event for event in events if isinstance(event, Item)],
        [event for event in events if isinstance(event, Outcome)],
    )


@pytest.mark.parametrize("name", ["rss", "atom", "rdf", "json"])
def test_the_connector_reads_what_the_world_published(sandbox, name: str) -> None:
    items, outcomes = read(sandbox[1], account(name))
    assert {(one.status, one.reason) for one in outcomes} == {("ok", "")}
    posts = [one for one in items if one.stream == "posts"]
    said = SmallWorld().own(SmallWorld().accounts[0], Window.ending(NOW).since, NOW)
    expected = [message for message in said if message.kind == "original"]
    assert len(expected) == 28
    assert [one.created_at for one in posts] == [m.created_at for m in expected]
    assert [one.text for one in posts] == [m.text for m in expected]
    assert all(one.observed_since == Window.ending(NOW).since for one in outcomes[1:])


@pytest.mark.parametrize("name", ["rss", "atom", "rdf", "json", "empty"])
def test_each_answer_keeps_its_standard(sandbox, name: str) -> None:
    answer = httpx.get(f"{sandbox[1]}/feed", params={"url": account(name).handle})
    wanted, write = FORMATS[("rss", "atom", "rdf", "json", "empty").index(name) % len(FORMATS)]
    assert answer.headers["content-type"] == wanted
    if name == "json":
        feed = json.loads(answer.text)
        assert feed["version"] == "https://jsonfeed.org/version/1.1" and feed["title"]
        assert all(isinstance(one["id"], str) and one["content_text"] for one in feed["items"])
        return
    found = feedparser.parse(io.BytesIO(answer.content), response_headers=dict(answer.headers))
    # text/xml without a charset is us-ascii by the letter, and never in fact
    trouble = found.get("bozo_exception")
    assert trouble is None or isinstance(trouble, feedparser.CharacterEncodingOverride)
    assert found.version == write.__name__
    assert all(part in answer.text for part in DEMANDED[found.version])
    # 60 days are served, without what is no news
    assert len(found.entries) == (0 if name == "empty" else 58)
    assert AUTHOR in answer.text or name in ("rdf", "empty")


def test_what_has_not_changed_is_said_without_a_body(sandbox) -> None:
    place, url = sandbox
    params = {"url": account("rss").handle}
    first = httpx.get(f"{url}/feed", params=params)
    headers = {"If-None-Match": f'"other", W/{first.headers["etag"]}'}
    again = httpx.get(f"{url}/feed", params=params, headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    place.set_clock(NOW + timedelta(days=1))  # what is 60 days old leaves the feed
    assert httpx.get(f"{url}/feed", params=params, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        ("token_expired", ("refused", "permission")),
        ("permission", ("refused", "permission")),
        ("not_found", ("gone", "account_not_found")),
        ("throttle", ("failed", "throttled")),
        ("throttle_400", ("failed", "throttled")),
        ("quota_spent", ("failed", "throttled")),
        ("server_error", ("ok", "")),
        ("cut_json", ("ok", "")),
        ("shrunken", ("ok", "")),
        ("repeated_page", ("ok", "")),
    ],
)
def test_faults_are_told_in_a_web_servers_words(sandbox, kind: str, ending: tuple) -> None:
    place, url = sandbox
    place.faults.add("website", kind, account=account("rss").handle)
    outcomes: list[Outcome] = []
    client = Client(url, classify, backoff_seconds=0, only_loopback=True)
    try:
        for event in Website(client).extract([account("rss"), account("json")], Window.ending(NOW)):
            outcomes += [event] if isinstance(event, Outcome) else []
    except Throttled as error:
        assert kind in ("throttle", "throttle_400", "quota_spent")
        assert timedelta(seconds=50) < error.retry_at - datetime.now(UTC) <= timedelta(minutes=1)
    assert not place.faults.waiting()
    assert {(o.status, o.reason) for o in outcomes if o.account_id == "rss-website"} == {ending}
    assert all(o.status == "ok" for o in outcomes if o.account_id == "json-website")


def test_an_unknown_website_is_gone(sandbox) -> None:
    _, outcomes = read(sandbox[1], account("nobody"))
    assert {(one.status, one.reason) for one in outcomes} == {("gone", "account_not_found")}
