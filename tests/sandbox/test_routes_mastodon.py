"""Mastodon's routes over a small world, read by the connector and held against the emulator.

The contract is mastodon-mock's: its own OpenAPI for what may be asked, the entities it really
answers for what may be answered.
"""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from mastodon_mock.app import create_app, dispose_app_resources
from mastodon_mock.config import DatabaseConfig, MastodonMockConfig, SeedAccount, SeedConfig
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount

from klankbord.http import Client
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Item, Outcome
from klankbord.platforms.mastodon import Mastodon, plain_text
from klankbord.privacy import minimise
from klankbord.sandbox import routes_mastodon
from klankbord.sandbox.model import Counters, Message, Person, WorldAccount
from klankbord.verdicts import Throttled

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
WINDOW = Window.ending(NOW)
ROOS = Person(7_000_001, "Roos Vermeiren", "roos.v@burgers.example", "https://a.example/7.png")
PIET = Person(7_000_002, "Piet Hein", "piet@burgers.example", "https://a.example/8.png")
OK = ("ok", "")
# Mastodon leaves these out for who is not logged in; the emulator shows them to everybody.
LOGGED_IN = {"reblogged", "favourited", "bookmarked", "muted", "pinned"}
# Shown by the emulator always, by Mastodon only where they are true.
ONLY_WHERE_TRUE = {"attribution_domains", "moved", "suspended", "limited"}
# Since Mastodon 4.5; the emulator (0.6.1) lacks it.
NEWER = {"quotes_count"}


class SmallWorld:
    """Two organisations by hand, one with a conversation and one with many posts."""

    def __init__(self) -> None:
        self.accounts = [
            WorldAccount(f"{n}-mastodon", n, "mastodon", f"{n}@overheid.example", i, n.title(), 50)
            for i, n in enumerate(("gent", "brugge"), 101)
        ]
        self.said: dict[str, list[Message]] = {a.account_id: [] for a in self.accounts}
        gent, brugge = self.accounts
        post = self.say(gent, 30, text="Open <zaterdag> #afval & meer\n\nTot dan!")
        question = self.say(gent, 29, ROOS, post, "@gent Hoe laat?")
        reply = self.say(
            gent, 28, None, question, "@roos.v@burgers.example 9 uur", mentions=(ROOS,)
        )
        self.say(gent, 27, PIET, reply, "Dank u")
        self.say(gent, 26, None, post, "Vervolg", kind="continuation")
        self.say(gent, 25, kind="repost", text="", reposted_text="Foto", reposted_author=PIET)
        for hours in range(80, 0, -1):
            self.say(brugge, hours)

    def say(
        self,
        account: WorldAccount,
        hours: int,
        author: Person | None = None,
        parent: Message | None = None,
        text: str = "Een bericht",
        *,
        kind: str | None = None,
        **more: Any,
    ) -> Message:
        said = self.said[account.account_id]
        number = account.user_id * 1_000_000 + 10 * len(said)
        kind = kind or ("incoming" if author else "reply" if parent else "original")
        at = NOW - timedelta(hours=hours)
        parent_id, root_id = (parent.message_id, parent.root_id) if parent else (None, number)
        said.append(
            Message(number, account.account_id, author, kind, at, text, parent_id, root_id, **more)
        )
        return said[-1]

    def find(self, platform: str, who: str | int) -> WorldAccount | None:
        return next((a for a in self.accounts if who in (a.user_id, a.handle)), None)

    def followers(self, account: WorldAccount, moment: datetime) -> int:
        return account.followers_start

    def own(self, account: WorldAccount, since: datetime, until: datetime) -> list[Message]:
        said = self.said[account.account_id]
        return [m for m in said if m.is_own and since <= m.created_at < until][::-1]

    def message(self, account: WorldAccount, number: int) -> Message | None:
        return next((m for m in self.said[account.account_id] if m.message_id == number), None)

    def account_of(self, number: int) -> WorldAccount | None:
        return next((a for a in self.accounts if a.user_id == number // 1_000_000), None)

    def thread(self, account: WorldAccount, root_id: int, until: datetime) -> list[Message]:
        return [m for m in self.said[account.account_id] if m.root_id == root_id]

    def counters(self, account: WorldAccount, message: Message, moment: datetime) -> Counters:
        said = self.said[account.account_id]
        return Counters(12, sum(m.parent_id == message.message_id for m in said), 3, 1, 999)


class Sandbox:
    """The routes on a free port; `fail` holds faults as (part of the URL, kind, times)."""

    token = "sandbox-token"

    def __init__(self) -> None:
        self.world = SmallWorld()
        self.requests: Counter[str] = Counter()
        self.urls: list[httpx.URL] = []
        self.fail: list[tuple[str, str, int]] = []
        self.app = Starlette(routes=[Mount("/mastodon", routes=routes_mastodon.routes(self))])

    def now(self) -> datetime:
        return NOW

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        self.urls.append(httpx.URL(str(request.url)))
        for place, (part, kind, times) in enumerate(self.fail):
            if times and part in str(request.url):
                self.fail[place] = (part, kind, times - 1)
                request.state.fault = kind
                if kind not in ("repeated_page", "empty_last_page", "shrunken"):
                    refusal = routes_mastodon.error_response(kind, self, request)
                    await refusal(scope, receive, send)
                    return
        await self.app(scope, receive, send)


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The address of an ASGI application on a free port of 127.0.0.1."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        thread.join(0.01)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join(5)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    one = Sandbox()
    with served(one) as address:
        one.url = f"{address}/mastodon"
        yield one


def scan(sandbox: Sandbox) -> tuple[dict[tuple[str, str], list[Item]], dict, Throttled | None]:
    client = Client(sandbox.url, Mastodon.classify, only_loopback=True, backoff_seconds=0)
    accounts = [
        Account(a.account_id, a.organisation_id, "mastodon", a.handle)
        for a in sandbox.world.accounts
    ]
    items: dict[tuple[str, str], list[Item]] = {}
    outcomes: dict[tuple[str, str], tuple[str, str]] = {}
    raised = None
    try:
        for event in Mastodon(client).extract(accounts, WINDOW):
            if isinstance(event, Outcome):
                outcomes[event.account_id, event.stream] = (event.status, event.reason)
            elif isinstance(event, Item):
                items.setdefault((event.account_id, event.stream), []).append(event)
    except Throttled as error:
        raised = error
    client.close()
    return items, outcomes, raised


def test_the_connector_reads_what_the_world_says(sandbox: Sandbox) -> None:
    items, outcomes, raised = scan(sandbox)
    assert (set(outcomes.values()), raised) == ({OK}, None)
    gent, brugge = sandbox.world.accounts
    for account in (gent, brugge):
        own = sandbox.world.own(account, WINDOW.since, NOW)
        posts = items[account.account_id, "posts"]
        assert [p.item_id for p in posts] == [str(m.message_id) for m in own]
        assert [datetime.fromisoformat(p.payload["created_at"]) for p in posts] == [
            m.created_at for m in own
        ]
    assert items["gent-mastodon", "profiles"][0].payload["followers_count"] == 50
    messages = items["gent-mastodon", "messages"]
    assert [(m.author_id, m.text) for m in messages] == [
        ("7000001", "@gent Hoe laat?"),
        ("7000002", "Dank u"),
    ]
    counters = items["gent-mastodon", "posts"][-1].payload
    names = ("favourites_count", "replies_count", "reblogs_count", "quotes_count")
    assert [counters[name] for name in names] == [12, 2, 3, 1]
    # two lookups, a page and a context, and 80 posts: two full pages and an empty one
    assert len(sandbox.urls) == 2 + 2 + 3


def test_the_kinds_of_own_statuses_and_their_text(sandbox: Sandbox) -> None:
    repost, more, reply, post = scan(sandbox)[0]["gent-mastodon", "posts"]
    assert (repost.payload["reblog"]["account"]["display_name"], repost.text) == ("Piet Hein", None)
    assert repost.payload["content"] == "<p>Foto</p>"
    assert more.payload["in_reply_to_account_id"] == more.author_id == "101"
    assert (reply.payload["in_reply_to_account_id"], reply.is_reply) == ("7000001", True)
    assert '<a href="https://burgers.example/@roos.v"' in reply.payload["content"]
    assert reply.text == "@roos.v 9 uur"
    assert post.text == "Open <zaterdag> #afval & meer\nTot dan!"


def test_no_citizen_passes_privacy(sandbox: Sandbox) -> None:
    items, _, _ = scan(sandbox)
    served = json.dumps([dict(i.payload) for rows in items.values() for i in rows])
    stored = json.dumps(
        [
            minimise(i, Mastodon.fields[i.stream], "mastodon", "key")
            for rows in items.values()
            for i in rows
        ]
    )
    for word in ("Roos", "roos.v", "a.example", "7000001", "Piet", "Foto", "Hoe laat"):
        assert word in served
        assert word not in stored


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("permission", ("refused", "authorization_required")),
        ("token_expired", ("refused", "token_expired")),
        ("not_found", ("gone", "account_not_found")),
    ],
)
def test_refusals_take_mastodons_form(sandbox: Sandbox, kind: str, end: tuple[str, str]) -> None:
    sandbox.fail = [("gent%40", kind, 1)]
    _, outcomes, raised = scan(sandbox)
    assert [outcomes["gent-mastodon", s] for s in Mastodon.streams] == [end] * 3
    assert [outcomes["brugge-mastodon", s] for s in Mastodon.streams] == [OK] * 3
    assert raised is None


@pytest.mark.parametrize("kind", ["throttle", "quota_spent"])
def test_a_spent_quota_names_its_reset(sandbox: Sandbox, kind: str) -> None:
    sandbox.fail = [("/101/statuses", kind, 1)]
    _, outcomes, raised = scan(sandbox)
    throttled = ("failed", "throttled")
    assert list(outcomes.values()) == [OK, *[throttled] * 5]  # one address plays one server
    assert raised is not None
    assert timedelta(minutes=4) < raised.retry_at - datetime.now(UTC) < timedelta(minutes=6)
    assert scan(sandbox)[2] is None


def test_a_repeated_page_is_not_taken_for_the_end(sandbox: Sandbox) -> None:
    sandbox.fail = [("max_id", "repeated_page", 1)]
    _, outcomes, _ = scan(sandbox)
    assert outcomes["brugge-mastodon", "posts"] == ("failed", "repeated_page")
    assert set(scan(sandbox)[1].values()) == {OK}


def test_an_empty_last_page_is_asked_for_and_taken(sandbox: Sandbox) -> None:
    sandbox.fail = [("/101/statuses", "empty_last_page", 1)]
    items, outcomes, _ = scan(sandbox)
    assert (len(items["gent-mastodon", "posts"]), set(outcomes.values())) == (4, {OK})
    assert len(sandbox.urls) == 2 + 2 + 3 + 1


def test_a_shrunken_answer(sandbox: Sandbox) -> None:
    sandbox.fail = [("gent%40", "shrunken", 1), ("/101/statuses", "shrunken", 1)]
    items, _, _ = scan(sandbox)
    assert items["gent-mastodon", "profiles"][0].payload["followers_count"] == 5
    assert len(items["gent-mastodon", "posts"]) == 2


def test_links_lead_forth_and_back(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/api/v1/accounts/102/statuses?limit=30"
    first = httpx.get(url)
    second = httpx.get(first.links["next"]["url"])
    assert httpx.get(second.links["prev"]["url"]).json() == first.json()
    assert not {s["id"] for s in first.json()} & {s["id"] for s in second.json()}
    assert len(httpx.get(url, params={"limit": "500"}).json()) == 40


def test_ancestors_and_a_wrong_token(sandbox: Sandbox) -> None:
    said = sandbox.world.said["gent-mastodon"]
    context = httpx.get(f"{sandbox.url}/api/v1/statuses/{said[2].message_id}/context").json()
    assert [s["id"] for s in context["ancestors"]] == [str(m.message_id) for m in said[:2]]
    assert [s["id"] for s in context["descendants"]] == [str(said[3].message_id)]
    lookup = f"{sandbox.url}/api/v1/accounts/lookup?acct=gent@overheid.example"
    for token, code in (("sandbox-token", 200), ("another", 401)):
        assert httpx.get(lookup, headers={"Authorization": f"Bearer {token}"}).status_code == code
    for path in ("accounts/lookup?acct=niemand", "accounts/9/statuses", "statuses/9/context"):
        assert httpx.get(f"{sandbox.url}/api/v1/{path}").status_code == 404


def test_content_of_any_text_reads_back() -> None:
    text = "a & b <c>\nd @roos.v@burgers.example #e\n\nf"
    html = routes_mastodon.objects.content(text, (ROOS,))
    assert plain_text(html) == "a & b <c>\nd @roos.v #e\nf"


# --- the lints ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def emulator() -> Iterator[httpx.Client]:
    """mastodon-mock in this process, with a post, a reply, a repost and a mention."""
    seeds = [SeedAccount(username=n, access_token=n) for n in ("gent", "roos")]
    config = MastodonMockConfig(
        database=DatabaseConfig(path=":memory:"), seed=SeedConfig(accounts=seeds)
    )
    app = create_app(config)
    with served(app) as address, httpx.Client(base_url=address, trust_env=False) as client:

        def post(path: str, who: str, **form: Any) -> dict[str, Any]:
            answer = client.post(path, data=form, headers={"Authorization": f"Bearer {who}"})
            answer.raise_for_status()
            return answer.json()

        first = post("/api/v1/statuses", "gent", status="Open #afval")
        asked = post("/api/v1/statuses", "roos", status="@gent?", in_reply_to_id=first["id"])
        post("/api/v1/statuses", "gent", status="@roos 9 uur", in_reply_to_id=asked["id"])
        post(f"/api/v1/statuses/{asked['id']}/reblog", "gent")
        yield client
    dispose_app_resources(app)


def asked(sandbox: Sandbox) -> list[tuple[str, dict[str, str]]]:
    scan(sandbox)
    return [(u.path.removeprefix("/mastodon"), dict(u.params)) for u in sandbox.urls]


def unknown_to(contract: Mapping[str, Any], path: str, params: Mapping[str, str]) -> list[str]:
    """What of a request the contract does not know: its path, or names of its parameters."""
    # a literal path wins from a templated one, as it does in a router
    for template in sorted(contract["paths"], key=lambda t: t.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", template), path):
            known = contract["paths"][template].get("get", {}).get("parameters", [])
            names = {p["name"] for p in known if p["in"] == "query"}
            return sorted(set(params) - names)
    return [path]


def test_request_lint(sandbox: Sandbox, emulator: httpx.Client) -> None:
    contract = emulator.get("/openapi.json").json()
    requests = [*asked(sandbox), ("/api/v2/instance", {})]
    assert {len(params) for _, params in requests} == {0, 1, 2}
    assert [unknown_to(contract, *one) for one in requests] == [[]] * len(requests)
    assert unknown_to(contract, "/api/v1/accounts/1/statuses", {"count": "9"}) == ["count"]
    assert unknown_to(contract, "/api/v1/accounts/1/posts", {}) == ["/api/v1/accounts/1/posts"]


def kinds(value: Any) -> set[str]:
    """The JSON kind of a value; null fits every nullable field and says nothing."""
    if value is None:
        return set()
    names = {bool: "boolean", int: "number", float: "number", str: "string"}
    return {names.get(type(value), "list" if isinstance(value, list) else "object")}


def entities(answer: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(Status | Account | Mention | Context, object) for each entity inside an answer."""
    if isinstance(answer, list):
        for one in answer:
            yield from entities(one)
    elif isinstance(answer, dict):
        marks = {"content": "Status", "followers_count": "Account", "descendants": "Context"}
        name = next((n for mark, n in marks.items() if mark in answer), None)
        if name is None and set(answer) >= {"username", "acct"}:
            name = "Mention"
        if name:
            yield name, answer
        for value in answer.values():
            yield from entities(value)


def shapes(answers: list[Any]) -> dict[str, dict[str, set[str]]]:
    """Entity -> field -> the kinds its values had, over all answers."""
    found: dict[str, dict[str, set[str]]] = {}
    for name, one in (pair for answer in answers for pair in entities(answer)):
        for key, value in one.items():
            found.setdefault(name, {}).setdefault(key, set()).update(kinds(value))
    return found


def drift(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Fields that only one of them has, and fields whose kinds differ."""
    wrong = []
    for name in sorted(set(ours) | set(theirs)):
        mine, other = ours.get(name, {}), theirs.get(name, {})
        wrong += [f"{name}.{key} is ours only" for key in sorted(set(mine) - set(other) - NEWER)]
        missing = set(other) - set(mine) - LOGGED_IN - ONLY_WHERE_TRUE
        wrong += [f"{name}.{key} is missing" for key in sorted(missing)]
        for key in sorted(set(mine) & set(other)):
            if mine[key] and other[key] and mine[key] != other[key]:
                wrong.append(f"{name}.{key} is {sorted(mine[key])}, not {sorted(other[key])}")
    return wrong


def test_response_lint(sandbox: Sandbox, emulator: httpx.Client) -> None:
    scan(sandbox)
    ours = [httpx.get(url).json() for url in sandbox.urls[:]]
    profile = emulator.get("/api/v1/accounts/lookup", params={"acct": "gent"}).json()
    statuses = emulator.get(f"/api/v1/accounts/{profile['id']}/statuses").json()
    context = emulator.get(f"/api/v1/statuses/{statuses[-1]['id']}/context").json()
    theirs = shapes([profile, statuses, context])
    assert set(theirs) == {"Account", "Status", "Mention", "Context"}
    assert drift(shapes(ours), theirs) == []
    instance = httpx.get(f"{sandbox.url}/api/v2/instance").json()
    other = emulator.get("/api/v2/instance").json()
    assert {key: kinds(value) for key, value in instance.items()} == {
        key: kinds(other[key]) for key in instance
    }
    broken = {**statuses[0], "replies_count": "1", "reply_count": 1}
    assert drift(shapes([*statuses[1:], broken]), shapes(statuses)) == [
        "Status.reply_count is ours only",
        "Status.replies_count is ['number', 'string'], not ['number']",
    ]


def test_field_lint(emulator: httpx.Client) -> None:
    """Every field that is kept exists in the emulator's entities (quotes_count is newer)."""
    profile = emulator.get("/api/v1/accounts/lookup", params={"acct": "gent"}).json()
    statuses = emulator.get(f"/api/v1/accounts/{profile['id']}/statuses").json()
    entity = {"profiles": profile, "posts": statuses[0], "messages": statuses[0]}
    for stream, rules in Mastodon.fields.items():
        for path in (rules.own | rules.citizen | rules.person_ids) - NEWER:
            value: Any = entity[stream]
            for part in path.split("."):
                assert part in value, f"{stream}: {path}"
                value = value[part]
                if value is None:  # such as `moved`, which is an Account where there is one
                    break
