"""The website connector against scripted sites, over real HTTP: refusals, ids, what is known."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from klankbord.http import Client
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Item, Outcome
from klankbord.platforms.ledger import Ledger, Reading
from klankbord.platforms.website import Website
from klankbord.platforms.website_answers import classify
from klankbord.privacy import minimise
from klankbord.sandbox.server import listen
from klankbord.verdicts import Throttled

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
WINDOW = Window.ending(NOW)
OK = ("ok", "")
Handler = Callable[[Request], Response]


def item(title: str, at: datetime | None, guid: str = "", link: str = "") -> str:
    """An <item>; empty parts are left out."""
    parts = {
        "title": title,
        "link": link,
        "guid": guid,
        "pubDate": format_datetime(at) if at else "",
        "author": "an.peeters@gent.example (An Peeters)",
    }
    return f"<item>{''.join(f'<{k}>{v}</{k}>' for k, v in parts.items() if v)}</item>"


def rss(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>Nieuws</title>{"".join(items)}</channel></rss>'


def days(count: int, first: datetime = NOW - timedelta(hours=3)) -> str:
    """A feed of one item a day, newest first."""
    return rss(*(item(f"n{n}", first - timedelta(days=n), f"g{n}") for n in range(count)))


def feed(text: str | bytes, status: int = 200, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(text, status, {"content-type": "application/rss+xml", **named})


class Web:
    """Sites under one port; `script` says what a path answers, `asked` what came."""

    def __init__(self) -> None:
        self.script: dict[str, Handler | Response] = {}
        self.asked: list[Request] = []
        self.url = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        self.asked.append(request)
        answer = self.script.get(request.url.path, Response("no", 404))
        response = answer if isinstance(answer, Response) else answer(request)
        await response(scope, receive, send)

    def account(self, path: str = "/feed", ledger: Ledger | None = None) -> Account:
        name = path.strip("/")
        return Account(
            name, name, "website", self.url + path, access_tier="T1", ledger=ledger or Ledger()
        )

    def read(
        self, *accounts: Account, window: Window = WINDOW, base_url: str = ""
    ) -> tuple[list[Item], dict[tuple[str, str], Outcome]]:
        """Items and outcomes; a Throttled at the end is swallowed (`throttled` holds it)."""
        self.throttled: Throttled | None = None
        client = Client(base_url, classify, backoff_seconds=0, only_loopback=True)
        items, outcomes = [], {}
        try:
            for event in Website(client).extract(accounts or (self.account(),), window):
                if isinstance(event, Item):
                    items.append(event)
                else:
                    assert (event.account_id, event.stream) not in outcomes
                    outcomes[event.account_id, event.stream] = event
        except Throttled as error:
            self.throttled = error
        finally:
            client.close()
        return items, outcomes


@pytest.fixture(scope="module")
def server() -> Iterator[Web]:
    web, listener = Web(), listen(0)
    web.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(web, log_level="warning", lifespan="off")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield web
    running.should_exit = True
    thread.join(5)
    listener.close()


@pytest.fixture
def web(server: Web) -> Web:
    server.script, server.asked = {}, []
    return server


def endings(outcomes: Mapping[tuple[str, str], Outcome]) -> set[tuple[str, str]]:
    return {(one.status, one.reason) for one in outcomes.values()}


def posts(items: list[Item]) -> list[Item]:
    return [one for one in items if one.stream == "posts"]


def profile(items: list[Item]) -> dict[str, Any]:
    (found,) = (one for one in items if one.stream == "profiles")
    return dict(found.payload)


def known(items: list[Item], at: datetime = NOW) -> Ledger:
    """The ledger that a scan at `at` leaves, as it is read back from raw."""
    stored = {
        minimise(p, Website.fields["posts"], "website", "k")[0]: Reading(p.created_at, at, None)
        for p in posts(items)
    }
    (found,) = (one for one in items if one.stream == "profiles")
    kept = minimise(found, Website.fields["profiles"], "website", "k")[1]
    return Ledger(posts=stored, posts_known_until=at, profile=json.loads(json.dumps(kept)))


def test_items_of_the_window_land_with_their_dates(web: Web) -> None:
    web.script["/feed"] = feed(days(40))
    items, outcomes = web.read()
    assert endings(outcomes) == {OK} and set(outcomes) == {("feed", "profiles"), ("feed", "posts")}
    found = posts(items)
    # 30 local days, of which the first begins at local midnight: the last row is in it
    assert len(found) == 30 and found[-1].created_at == NOW - timedelta(days=29, hours=3)
    assert outcomes["feed", "posts"].complete_since == WINDOW.since
    assert outcomes["feed", "posts"].observed_since == WINDOW.since
    assert profile(items)["items"] == 40
    assert all(one.text for one in found) and all(one.answers is None for one in found)


def test_nothing_but_a_moment_and_a_hash_is_stored(web: Web) -> None:
    text = "Jan Janssens wordt 100 #feest, wie komt er?"
    link = "https://gent.example/jan-janssens"
    web.script["/feed"] = feed(rss(item(text, NOW - timedelta(days=1), link, link)))
    items, _ = web.read()
    stored = [minimise(one, Website.fields[one.stream], "website", "key") for one in items]
    assert not any(w in json.dumps(stored).lower() for w in ("jan", "peeters", "http", "nieuws"))
    (item_id, payload), *_ = [s for s, one in zip(stored, items, strict=True) if one.text]
    assert set(payload) == {"id", "created_at", "klankbord"} and payload["id"] == item_id
    assert payload["klankbord"]["text_length"] == len(text)
    assert payload["klankbord"]["hashtags"] == ["feest"]


@pytest.mark.parametrize(
    ("answer", "ending"),
    [
        (feed("no", 403), ("refused", "permission")),
        (feed("no", 401), ("refused", "permission")),
        (feed("no", 404), ("gone", "account_not_found")),
        (feed("no", 410), ("gone", "account_not_found")),
        (feed("no", 500), ("failed", "server_error")),
        (feed("no", 418), ("failed", "bad_request")),
        (feed("", 304), ("failed", "bad_request")),
        (feed("<!doctype html><html><body>Welkom</body></html>"), ("failed", "not_a_feed")),
        (feed(""), ("failed", "not_a_feed")),
        (feed('{"version": "https://example.org", "items": []}'), ("failed", "not_a_feed")),
        (feed('{"items": 3}'), ("failed", "not_a_feed")),
        (feed(rss(item("a", None, "g"))), ("failed", "undated")),
        (feed(days(3)[:-30]), ("failed", "malformed_answer")),
        (feed('{"version": "https://jsonfeed.org/version/1", "it'), ("failed", "malformed_answer")),
        (
            feed(gzip.compress(b"<rss>" + b" " * 9_000_000), content_encoding="gzip"),
            ("failed", "too_large"),
        ),
        (feed(b"not gzip", content_encoding="gzip"), ("failed", "connection")),
    ],
)  # fmt: skip
def test_each_way_of_saying_no(web: Web, answer: Response, ending: tuple[str, str]) -> None:
    web.script |= {"/feed": answer, "/good": feed(days(2))}
    items, outcomes = web.read(web.account(), web.account("/good"))
    assert {endings({k: o}).pop() for k, o in outcomes.items() if k[0] == "feed"} == {ending}
    assert {one.account_id for one in items} == {"good"} and len(posts(items)) == 2


def test_a_cut_answer_is_asked_again(web: Web) -> None:
    answers = iter([feed(days(9)[:500]), feed(days(9))])
    web.script["/feed"] = lambda _: next(answers)
    items, outcomes = web.read()
    assert endings(outcomes) == {OK} and len(posts(items)) == 9


def test_one_spent_quota_holds_up_nobody_else(web: Web) -> None:
    web.script |= {
        "/a": feed("slow", 429, retry_after="60"),
        "/b": feed("slow", 429, retry_after="600"),
        "/c": feed(days(2)),
    }
    items, outcomes = web.read(*(web.account(path) for path in ("/a", "/b", "/c")))
    assert outcomes["a", "posts"].reason == outcomes["b", "posts"].reason == "throttled"
    assert outcomes["c", "posts"].status == "ok" and {i.account_id for i in items} == {"c"}
    assert web.throttled is not None
    wait = (web.throttled.retry_at - datetime.now(UTC)).total_seconds()
    assert 500 < wait <= 600


def test_redirects_stay_within_the_site(web: Web) -> None:
    web.script |= {
        "/feed": Response(status_code=301, headers={"location": "/news"}),
        "/news": Response(status_code=302, headers={"location": f"{web.url}/rss"}),
        "/rss": feed(days(2)),
        "/far": Response(
            status_code=301, headers={"location": web.url.replace("127.0.0.1", "localhost")}
        ),
        "/file": Response(status_code=301, headers={"location": "file:///etc/passwd"}),
        "/odd": Response(status_code=301, headers={"location": "http://[broken"}),
        "/loop": Response(status_code=301, headers={"location": "/loop"}),
    }
    paths = ("/feed", "/far", "/file", "/odd", "/loop")
    items, outcomes = web.read(*(web.account(path) for path in paths))
    assert len(posts(items)) == 2
    assert {key[0]: one.reason for key, one in outcomes.items()} == {
        "feed": "", "far": "moved", "file": "moved", "odd": "moved", "loop": "redirect_loop",
    }  # fmt: skip
    assert "localhost" in outcomes["far", "posts"].detail
    assert sum(request.url.path == "/loop" for request in web.asked) == 5


def test_a_mirror_is_asked_for_the_feed(web: Web) -> None:
    handle = "https://www.gent.example/feed?type=rss&lang=nl"
    web.script["/feed"] = lambda r: feed(days(2)) if r.query_params["url"] == handle else feed("")
    account = replace(web.account(), handle=handle)
    items, outcomes = web.read(account, base_url=web.url)
    assert endings(outcomes) == {OK} and len(posts(items)) == 2


def test_no_news_costs_no_body(web: Web) -> None:
    later = Window.ending(NOW + timedelta(days=1))

    def answer(request: Request) -> Response:
        if request.headers.get("if-none-match") == '"v1"':
            assert request.headers["if-modified-since"] == "Wed, 30 Sep 2026 17:00:00 GMT"
            return Response(status_code=304)
        return feed(days(10), etag='"v1"', last_modified="Wed, 30 Sep 2026 17:00:00 GMT")

    web.script["/feed"] = answer
    items, first = web.read()
    again, outcomes = web.read(web.account(ledger=known(items)), window=later)
    assert endings(outcomes) == {OK} and not posts(again)
    # as many items as there were, so that no gate takes it for a collapse
    assert outcomes["feed", "posts"].row_count == 10
    # the same ten items: nothing can be missing since the day after the oldest one's
    since = datetime(2026, 9, 21, 22, tzinfo=UTC)
    assert outcomes["feed", "posts"].observed_since == since
    assert first["feed", "posts"].observed_since == since
    # nothing was yielded, so nothing is said of what is missing
    assert outcomes["feed", "posts"].complete_since is None
    assert profile(again) == {**profile(items), "klankbord": profile(again)["klankbord"]}
    # and once more, from what that scan stored
    last = known(again, later.until)
    _, outcomes = web.read(
        web.account(ledger=last), window=Window.ending(later.until + timedelta(days=1))
    )
    assert endings(outcomes) == {OK}
    assert [r.headers.get("if-none-match") for r in web.asked] == [None, '"v1"', '"v1"']


def test_not_modified_is_not_asked_for_when_it_would_hide_something(web: Web) -> None:
    def read(text: str, window: Window = WINDOW) -> list[Item]:
        web.script["/feed"] = feed(text, etag='"v1"')
        return web.read(window=window)[0]

    def asks(ledger: Ledger, window: Window = WINDOW) -> bool:
        web.asked.clear()
        web.read(web.account(ledger=ledger), window=window)
        return "if-none-match" in web.asked[0].headers

    later = Window.ending(NOW + timedelta(days=1))
    good = known(read(days(3)))
    assert asks(good, later)
    # an item that waits for its date
    assert not asks(known(read(rss(item("soon", NOW + timedelta(hours=9), "g")))), later)
    # a run that read the profile only
    assert not asks(known(read(days(3), replace(WINDOW, streams=frozenset({"profiles"})))), later)
    # its posts were refused by a gate: the last good scan is older than the reading
    assert not asks(replace(good, posts_known_until=NOW - timedelta(days=1)), later)
    assert not asks(replace(good, posts_known_until=None), later)
    # a server that never sees a change is asked for the whole feed after a week
    assert asks(good, Window.ending(NOW + timedelta(days=7)))
    assert not asks(good, Window.ending(NOW + timedelta(days=7, minutes=1)))
    assert not asks(good, Window.between(date(2026, 9, 1), date(2026, 9, 5), date(2026, 10, 1)))
    # an etag as long as a page
    web.script["/feed"] = feed(days(3), etag=f'"{"x" * 400}"')
    assert "etag" not in profile(web.read()[0])


def test_a_short_feed_says_how_far_it_reaches(web: Web) -> None:
    web.script["/feed"] = feed(days(10))
    items, outcomes = web.read()
    oldest = NOW - timedelta(days=9, hours=3)
    assert posts(items)[-1].created_at == oldest
    # of its moment another item may have gone, so what is missing counts from just after it
    assert outcomes["feed", "posts"].complete_since == oldest + timedelta(microseconds=1)
    # its day may have been fuller: whole days from the next local midnight
    assert outcomes["feed", "posts"].observed_since == datetime(2026, 9, 21, 22, tzinfo=UTC)
    # ten items within today, and none at all: no more than today is observed
    midnight = datetime(2026, 9, 29, 22, tzinfo=UTC)
    many = rss(*(item(f"n{n}", NOW - timedelta(minutes=n), f"g{n}") for n in range(10)))
    for text in (many, rss()):
        web.script["/feed"] = feed(text)
        _, outcomes = web.read()
        assert endings(outcomes) == {OK}
        assert outcomes["feed", "posts"].observed_since == midnight
    assert outcomes["feed", "posts"].complete_since is None


def test_a_backfill_says_when_the_feed_does_not_reach(web: Web) -> None:
    web.script["/feed"] = feed(days(10))
    window = Window.between(date(2026, 9, 22), date(2026, 9, 25), WINDOW.scan_on)
    items, outcomes = web.read(window=window)
    assert len(items) == 4 and set(outcomes) == {("feed", "posts")} and endings(outcomes) == {OK}
    # of the day of its oldest item something may have left it already: no day of these is whole
    oldest = (NOW - timedelta(days=9, hours=3)).date()
    for last in (date(2026, 9, 20), oldest):
        window = Window.between(date(2026, 9, 1), last, WINDOW.scan_on)
        items, outcomes = web.read(window=window)
        assert not items and endings(outcomes) == {("failed", "out_of_reach")}
        detail = outcomes["feed", "posts"].detail
        assert detail.startswith(f"The feed shows what is newer than {oldest} ")


def test_an_item_stays_itself(web: Web) -> None:
    at = NOW - timedelta(days=2)

    def scan(entry: str, ledger: Ledger | None = None) -> tuple[str, datetime, list[Item]]:
        newest = item("newest", NOW - timedelta(hours=1), "x", "https://gent.example/x")
        web.script["/feed"] = feed(rss(newest, entry))
        items, _ = web.read(web.account(ledger=ledger))
        one = posts(items)[1]
        return one.item_id, one.created_at, items

    first, _, items = scan(item("a", at, "http://www.gent.example/?p=1", "https://gent.example/a"))
    ledger = known(items)
    for guid, link in (
        ("https://gent.example/?p=1", "https://gent.example/b"),  # a new slug
        ("random-77", "https://www.gent.example/a/?utm_source=rss#top"),  # a new guid
        ("", "https://gent.example/a"),
        ("https://gent.example/?p=1", ""),
    ):
        moved = scan(item("other", at + timedelta(days=1), guid, link), ledger)
        assert moved[:2] == (first, at)  # the date with which it was first seen
    assert scan(item("a", at, "random-78", "https://gent.example/c"), ledger)[0] != first


def test_two_items_never_become_one(web: Web) -> None:
    at = NOW - timedelta(days=1)
    entries = [
        item("a", at, "same", "https://gent.example/nieuws"),
        item("b", at, "same", "https://gent.example/nieuws"),
        item("c", at - timedelta(hours=1), "", ""),
        item("d", at - timedelta(hours=1), "", ""),
    ]
    web.script["/feed"] = feed(rss(*entries, entries[0]))
    items, _ = web.read()
    names = [one.item_id for one in posts(items)]
    assert len(names) == len(set(names)) == 4
    again, _ = web.read(web.account(ledger=known(items)))
    assert [one.item_id for one in posts(again)] == names
    # a guid that was one item's and now two others': neither takes over its name
    web.script["/feed"] = feed(rss(item("a", at, "g", "l1")))
    first = known(web.read()[0])
    web.script["/feed"] = feed(rss(item("a", at, "g", "l1"), item("b", at, "h", "l1")))
    names = [one.item_id for one in posts(web.read(web.account(ledger=first))[0])]
    assert len(set(names)) == 2
    # what one item was known by, two items have now
    web.script["/feed"] = feed(rss(item("a", at, "g", "l2"), item("b", at, "h", "l1")))
    names = [one.item_id for one in posts(web.read(web.account(ledger=first))[0])]
    assert len(set(names)) == 2 and names[0] in first.posts


def test_a_few_items_without_a_date_are_left_out_and_told(web: Web) -> None:
    dated = [item(f"n{n}", NOW - timedelta(hours=n + 1), f"g{n}") for n in range(9)]
    web.script["/feed"] = feed(rss(*dated, item("odd", None, "odd")))
    items, outcomes = web.read()
    assert len(posts(items)) == 9 and "1 items" in outcomes["feed", "posts"].detail
    web.script["/feed"] = feed(rss(*dated[:8], item("odd", None, "odd")))
    assert endings(web.read()[1]) == {("failed", "undated")}


def test_a_tier_without_posts_reads_the_profile(web: Web) -> None:
    web.script["/feed"] = feed(days(3), etag='"v"')
    items, outcomes = web.read(replace(web.account(), access_tier="T0"))
    assert set(outcomes) == {("feed", "profiles")} and not posts(items)
    assert "etag" not in profile(items)
