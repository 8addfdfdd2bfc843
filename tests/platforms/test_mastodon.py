"""The Mastodon connector against scripted servers, over real HTTP: paging, refusals, privacy."""

import html
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from klankbord import settings
from klankbord.http import Client
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Item, Outcome
from klankbord.platforms.mastodon import Mastodon
from klankbord.platforms.mastodon_answers import classify, next_max_id, plain_text
from klankbord.privacy import minimise, pseudonym
from klankbord.verdicts import Kind, Throttled

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
WINDOW = Window.ending(NOW)
OWN, CITIZEN = "100", "7000001"
OK = ("ok", "")
Handler = Callable[[Request], Response]


def answer(body: Any, status: int = 200, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    text = body if isinstance(body, str) else json.dumps(body)
    return Response(text, status, named, media_type="application/json")


def status(number: int, at: datetime = NOW - timedelta(hours=1), **more: Any) -> dict[str, Any]:
    """A Status; `by` a citizen's id, `to` (status id, account id), `replies` its counter."""
    by, to, replies = more.pop("by", OWN), more.pop("to", (None, None)), more.pop("replies", 0)
    return {
        "id": str(number),
        "created_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "account": {"id": by, "acct": "roos.vermeiren@elders.example", "display_name": "Roos V."},
        "in_reply_to_id": to[0] and str(to[0]),
        "in_reply_to_account_id": to[1],
        "visibility": "public",
        "language": "nl",
        "content": "<p>Hoe laat?</p>",
        "url": f"https://elders.example/@roos.vermeiren/{number}",
        "mentions": [{"id": CITIZEN, "acct": "roos.vermeiren@elders.example"}],
        "reblog": None,
        "replies_count": replies,
        "reblogs_count": 2,
        "favourites_count": 3,
        "quotes_count": 1,
        **more,
    }


def paged(rows: Sequence[dict[str, Any]], *, link: bool = True, size: int = 40) -> Handler:
    """A timeline, newest first, with Mastodon's Link header: a full page promises another."""

    def handler(request: Request) -> Response:
        assert request.query_params["limit"] == "40"
        max_id = int(request.query_params.get("max_id", 2**62))
        page = [row for row in rows if int(row["id"]) < max_id][:size]
        links = []
        if len(page) == size:
            links.append(f'<{request.url.path}?max_id={page[-1]["id"]}>; rel="next"')
        if page:
            links.append(f'<{request.url.path}?min_id={page[0]["id"]}>; rel="prev"')
        return answer(page, link=", ".join(links)) if link and page else answer(page)

    return handler


class Fediverse:
    """Servers by name at one port: /<server>/api/... ; `script` says what a path answers."""

    def __init__(self) -> None:
        self.script: dict[str, Handler] = {}
        self.urls: list[str] = []
        self.headers: list[dict[str, str]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        query = f"?{request.url.query}" if request.url.query else ""
        self.urls.append(request.url.path + query)
        self.headers.append(dict(request.headers))
        handler = self.script.get(request.url.path)
        response = handler(request) if handler else answer({"error": "Record not found"}, 404)
        await response(scope, receive, send)

    def account(
        self,
        server: str = "een.example",
        rows: Sequence[dict[str, Any]] | Handler = (),
        *,
        followers: int = 50,
        **contexts: list[dict[str, Any]],
    ) -> Account:
        """An organisation on a server of its own, with contexts by `s<status id>`."""
        api = f"/{server}/api/v1"
        profile = {"id": OWN, "acct": "gemeente", "url": "x", "followers_count": followers}
        self.say(f"{api}/accounts/lookup", answer(profile))
        self.script[f"{api}/accounts/{OWN}/statuses"] = rows if callable(rows) else paged(rows)
        for key, below in contexts.items():
            self.say(f"{api}/statuses/{key[1:]}/context", answer({"descendants": below}))
        return Account(f"{server}-mastodon", server, "mastodon", f"gemeente@{server}")

    def say(self, path: str, *responses: Response) -> None:
        """The answers of a path, one a request; the last one stays."""
        left = list(responses)
        self.script[path] = lambda _: left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture
def fediverse() -> Iterator[Fediverse]:
    one = Fediverse()
    config = uvicorn.Config(one, host="127.0.0.1", port=0, log_level="critical", lifespan="off")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        thread.join(0.01)
    one.base = f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    yield one
    running.should_exit = True
    thread.join(5)


def connector(fediverse: Fediverse) -> Mastodon:
    """The connector in its own-server mode, with https://<server> played at loopback."""

    class Played(Mastodon):
        def _server(self, account: Account) -> str:
            return super()._server(account).replace("https:/", fediverse.base)

    client = Client("", classify, only_loopback=True, backoff_seconds=0, timeout=2)
    return Played(client)


def collect(fediverse: Fediverse, *accounts: Account) -> SimpleNamespace:
    """Items by stream, outcomes as {(account_id, stream): (status, reason)}, what was raised."""
    events: list[Item | Outcome] = []
    raised = None
    try:
        for event in connector(fediverse).extract(accounts, WINDOW):
            events.append(event)
    except Throttled as error:
        raised = error
    items = {
        stream: [e for e in events if isinstance(e, Item) and e.stream == stream]
        for stream in Mastodon.streams
    }
    ends = [e for e in events if isinstance(e, Outcome)]
    outcomes = {(o.account_id, o.stream): (o.status, o.reason) for o in ends}
    assert len(outcomes) == len(ends), "an outcome came twice"
    assert set(outcomes) == {(a.account_id, s) for a in accounts for s in Mastodon.streams}
    return SimpleNamespace(
        raised=raised, outcomes=outcomes, details=[o.detail for o in ends], **items
    )


def ends(found: SimpleNamespace) -> list[tuple[str, str]]:
    return list(found.outcomes.values())


# --- calls and pages ---------------------------------------------------------------------------


def test_a_quiet_account_costs_a_lookup_and_a_page(fediverse: Fediverse) -> None:
    account = fediverse.account(rows=[status(2), status(1)])
    found = collect(fediverse, account)
    assert ends(found) == [OK] * 3
    assert [p.item_id for p in found.posts] == ["2", "1"]
    assert fediverse.urls == [
        "/een.example/api/v1/accounts/lookup?acct=gemeente%40een.example",
        f"/een.example/api/v1/accounts/{OWN}/statuses?limit=40",
    ]
    assert found.profiles[0].payload["followers_count"] == 50


def test_pages_are_followed_to_the_last_row(fediverse: Fediverse) -> None:
    rows = [status(n, NOW - timedelta(minutes=101 - n)) for n in range(100, 0, -1)]
    found = collect(fediverse, fediverse.account(rows=rows))
    assert (len(found.posts), found.posts[-1].item_id) == (100, "1")
    assert len({p.item_id for p in found.posts}) == 100
    assert len(fediverse.urls) == 1 + 3


def test_an_empty_last_page_is_the_end(fediverse: Fediverse) -> None:
    rows = [status(n) for n in range(80, 0, -1)]  # two full pages, each with a next
    found = collect(fediverse, fediverse.account(rows=rows))
    assert (len(found.posts), ends(found)) == (80, [OK] * 3)
    assert len(fediverse.urls) == 1 + 3


def test_reading_stops_14_days_before_the_window_and_keeps_the_window(
    fediverse: Fediverse,
) -> None:
    rows = [status(n, NOW - timedelta(hours=12 * (200 - n))) for n in range(199, 0, -1)]
    found = collect(fediverse, fediverse.account(rows=rows))
    inside = [r for r in rows if r["created_at"] >= WINDOW.since.astimezone(UTC).isoformat()]
    assert [p.item_id for p in found.posts] == [r["id"] for r in inside]
    assert len(fediverse.urls) == 1 + 3  # 44 days are 88 statuses


def test_a_pinned_old_status_on_top_does_not_end_the_reading(fediverse: Fediverse) -> None:
    pinned = status(1, NOW - timedelta(days=900))
    rows = [status(n) for n in range(60, 1, -1)]
    pages = [answer([pinned, *rows[:39]], link='<x?max_id=22>; rel="next"'), answer(rows[39:])]
    account = fediverse.account()
    fediverse.say(f"/een.example/api/v1/accounts/{OWN}/statuses", *pages)
    found = collect(fediverse, account)
    assert [p.item_id for p in found.posts] == [r["id"] for r in rows]


def test_a_repeated_page_is_reported_and_lands_nothing(fediverse: Fediverse) -> None:
    page = answer([status(n) for n in range(80, 40, -1)], link='<x?max_id=41>; rel="next"')
    found = collect(fediverse, fediverse.account(rows=lambda _: page))
    assert found.outcomes["een.example-mastodon", "profiles"] == OK
    assert found.outcomes["een.example-mastodon", "posts"] == ("failed", "repeated_page")
    assert found.outcomes["een.example-mastodon", "messages"] == ("failed", "repeated_page")
    assert (found.posts, len(fediverse.urls)) == ([], 3)


def test_a_server_that_cannot_page_is_asked_once_more(fediverse: Fediverse) -> None:
    """snac2: no Link header, limit and max_id ignored."""
    page = answer([status(n) for n in range(9, 0, -1)])
    found = collect(fediverse, fediverse.account(rows=lambda _: page))
    assert (len(found.posts), ends(found)) == (9, [OK] * 3)
    assert fediverse.urls[1:] == [
        f"/een.example/api/v1/accounts/{OWN}/statuses?limit=40",
        f"/een.example/api/v1/accounts/{OWN}/statuses?limit=40&max_id=1",
    ]


def test_a_server_that_pages_without_link_headers_is_read_to_the_end(fediverse: Fediverse) -> None:
    rows = [status(n) for n in range(90, 0, -1)]
    found = collect(fediverse, fediverse.account(rows=paged(rows, link=False)))
    assert (len(found.posts), found.posts[-1].item_id) == (90, "1")


# --- who said what -----------------------------------------------------------------------------


def test_one_context_for_each_answered_thread_and_its_citizens(fediverse: Fediverse) -> None:
    old = NOW - timedelta(days=40)  # before the window, within the 14 days of replies
    rows = [
        status(60, to=(50, CITIZEN), replies=1),
        status(55, to=(10, OWN), replies=1),
        status(30, reblog={"id": "9", "content": "<p>van Roos</p>"}, replies=0),
        status(20),
        status(10, replies=2),
        status(5, old, replies=1),
    ]
    thread = [
        status(50, by=CITIZEN, to=(10, OWN), replies=1),
        rows[1],
        rows[0],
        status(61, by="8", to=(60, OWN)),
        status(62, by="8", to=(60, OWN), visibility="private"),
        status(63, NOW + timedelta(seconds=1), by="8", to=(60, OWN)),
    ]
    late = [status(70, by=CITIZEN, to=(5, OWN)), status(6, old, by=CITIZEN, to=(5, OWN))]
    found = collect(fediverse, fediverse.account(rows=rows, s10=thread, s5=late))
    assert [p.item_id for p in found.posts] == ["60", "55", "30", "20", "10"]
    assert [p.is_reply for p in found.posts] == [True, False, False, False, False]
    assert [p.text for p in found.posts] == ["Hoe laat?", "Hoe laat?", None, *["Hoe laat?"] * 2]
    assert [(m.item_id, m.author_id, m.is_own) for m in found.messages] == [
        ("50", CITIZEN, False),
        ("61", "8", False),
        ("70", CITIZEN, False),
    ]
    assert len(fediverse.urls) == 2 + 2


def test_only_open_statuses_are_read_whoever_wrote_them(fediverse: Fediverse) -> None:
    kinds = ("public", "unlisted", "private", "direct")
    rows = [status(n, visibility=kind) for n, kind in enumerate(kinds, 1)][::-1]
    found = collect(fediverse, fediverse.account(rows=rows))
    assert {p.item_id for p in found.posts} == {"1", "2"}


def test_a_thread_that_is_deleted_meanwhile_is_skipped(fediverse: Fediverse) -> None:
    rows = [status(2, replies=1), status(1, replies=1)]
    account = fediverse.account(rows=rows, s1=[status(3, by=CITIZEN, to=(1, OWN))])
    found = collect(fediverse, account)
    assert (ends(found), [m.item_id for m in found.messages]) == ([OK] * 3, ["3"])


def test_nothing_of_a_citizen_is_kept(fediverse: Fediverse) -> None:
    rows = [
        status(4, to=(3, CITIZEN)),
        status(2, reblog=status(9, by=CITIZEN)),
        status(1, replies=1, content='<p><a href="https://x/@roos">@<span>roos</span></a></p>'),
    ]
    account = fediverse.account(rows=rows, s1=[status(3, by=CITIZEN, to=(1, OWN))])
    found = collect(fediverse, account)
    kept = {
        item.item_id: minimise(item, Mastodon.fields[item.stream], "mastodon", "key")[1]
        for item in (*found.profiles, *found.posts, *found.messages)
    }
    text = json.dumps(kept)
    for word in ("oos", "ermeiren", "elders", "Hoe laat", CITIZEN):
        assert word not in text
    hidden = pseudonym("key", "mastodon", CITIZEN)
    assert kept["4"]["in_reply_to_account_id"] == kept["3"]["klankbord"]["author"] == hidden
    assert kept["2"]["reblog"] == {"id": "9"}
    assert kept["4"]["account"] == {"id": OWN}
    assert kept["3"]["klankbord"]["is_question"] is True
    assert set(kept["3"]) == {"id", "created_at", "in_reply_to_id", "visibility", "klankbord"}


# --- what servers refuse -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("response", "end"),
    [
        (answer({"error": "This API requires an authenticated user"}, 401),
         ("refused", "authorization_required")),
        (answer({"error": "The access token is invalid"}, 401), ("refused", "token_expired")),
        (answer({"error": "This action is not allowed"}, 403), ("refused", "permission")),
        (answer({"error": "Record not found"}, 404), ("gone", "account_not_found")),
        (answer({"error": "Gone"}, 410), ("gone", "account_not_found")),
        (answer({"error": "Validation failed"}, 422), ("failed", "bad_request")),
        (answer("", 301, location="https://elders.example/"), ("failed", "redirected")),
        (answer({"error": "An unexpected error occurred"}, 500), ("failed", "server_error")),
        (answer("<html>502", 502), ("failed", "server_error")),
        (answer('[{"id": "1", "cre'), ("failed", "malformed_answer")),
        (answer("<html>welcome"), ("failed", "malformed_answer")),
        (answer({"id": "1", "suspended": True, "followers_count": 0}), ("gone", "suspended")),
    ],
)  # fmt: skip
def test_what_a_server_refuses_concerns_its_account_only(
    fediverse: Fediverse, response: Response, end: tuple[str, str]
) -> None:
    first = fediverse.account("een.example")
    fediverse.say("/een.example/api/v1/accounts/lookup", response)
    second = fediverse.account("twee.example", [status(1)])
    found = collect(fediverse, first, second)
    assert ends(found) == [end] * 3 + [OK] * 3
    assert found.raised is None
    assert not any("gemeente" in detail or "acct" in detail for detail in found.details)


def test_an_account_keeps_the_streams_that_were_read(fediverse: Fediverse) -> None:
    account = fediverse.account(rows=[status(1, replies=1)])
    fediverse.say("/een.example/api/v1/statuses/1/context", answer({}, 503))
    found = collect(fediverse, account)
    assert ends(found) == [OK, OK, ("failed", "server_error")]
    assert (len(found.profiles), len(found.posts), found.messages) == (1, 1, [])
    assert len(fediverse.urls) == 2 + 4  # four tries


def test_a_server_error_that_passes_is_not_seen(fediverse: Fediverse) -> None:
    account = fediverse.account(rows=[status(1, replies=1)])
    good = answer({"descendants": [status(2, by=CITIZEN)]})
    cut = answer('{"descendants": [{')
    fediverse.say("/een.example/api/v1/statuses/1/context", answer({}, 503), cut, good)
    found = collect(fediverse, account)
    assert (ends(found), len(found.messages)) == ([OK] * 3, 1)


def test_a_spent_quota_is_one_servers_and_the_latest_reset_is_raised(fediverse: Fediverse) -> None:
    resets = {"een.example": "2026-11-22T10:05:00.000000Z", "drie.example": "1795342200"}
    accounts = [fediverse.account(f"{name}.example", [status(1)]) for name in ("een", "twee")]
    accounts.append(Account("ander-mastodon", "ander", "mastodon", "ander@een.example"))
    accounts.append(fediverse.account("drie.example"))
    for server, reset in resets.items():
        refusal = answer({"error": "Too many requests"}, 429, x_ratelimit_reset=reset)
        fediverse.say(f"/{server}/api/v1/accounts/lookup", refusal)
    found = collect(fediverse, *accounts)
    throttled = [("failed", "throttled")] * 3
    assert ends(found) == [*throttled, *[OK] * 3, *throttled, *throttled]
    assert found.raised.retry_at == datetime(2026, 11, 22, 10, 10, tzinfo=UTC)
    # een.example once (no retry, no second account), twee.example twice, drie.example once
    assert [url.split("/")[1] for url in fediverse.urls] == [
        "een.example", "twee.example", "twee.example", "drie.example"
    ]  # fmt: skip


def test_a_quota_that_ends_in_mid_account_keeps_its_complete_streams(fediverse: Fediverse) -> None:
    account = fediverse.account(rows=[status(1, replies=1)])
    refusal = answer({"error": "Too many requests"}, 429, retry_after="60")
    fediverse.say("/een.example/api/v1/statuses/1/context", refusal)
    found = collect(fediverse, account)
    assert ends(found) == [OK, OK, ("failed", "throttled")]
    assert timedelta(seconds=50) < found.raised.retry_at - datetime.now(UTC) < timedelta(seconds=61)


@pytest.mark.parametrize(
    ("version", "end", "calls"),
    [
        ("4.5.0", OK, 3),
        ("4.3.1+glitch", OK, 3),
        ("0.17.3+git-8f8ac4d", OK, 3),
        ("4.0.0 (not true; really snac/2.68)", ("failed", "suspect_zero"), 2),
        (None, ("failed", "suspect_zero"), 2),
    ],
)
def test_zero_followers_are_believed_of_software_that_counts(
    fediverse: Fediverse, version: str | None, end: tuple[str, str], calls: int
) -> None:
    account = fediverse.account(rows=[status(1)], followers=0)
    if version:
        fediverse.say("/een.example/api/v2/instance", answer({"version": version}))
    found = collect(fediverse, account)
    assert (ends(found), len(fediverse.urls)) == ([end] * 3, calls)
    assert [p.payload["followers_count"] for p in found.profiles] == [0] * (end == OK)


def test_a_handle_without_a_server_is_refused_without_a_call(fediverse: Fediverse) -> None:
    found = collect(fediverse, Account("x-mastodon", "x", "mastodon", "gemeente"))
    assert (ends(found), fediverse.urls) == ([("failed", "bad_request")] * 3, [])


# --- addresses and tokens ----------------------------------------------------------------------


def test_a_base_url_reads_every_account_and_alone_receives_the_token(
    fediverse: Fediverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = fediverse.account("een.example", [status(1)])
    monkeypatch.setenv("KLANKBORD_MASTODON_URL", f"{fediverse.base}/een.example")
    place = settings.platform("mastodon")
    client = Client(place.base_url, classify, **Mastodon.client_options("secret"))
    assert [type(e) for e in Mastodon(client).extract([account], WINDOW)].count(Outcome) == 3
    assert {h["authorization"] for h in fediverse.headers} == {"Bearer secret"}
    monkeypatch.delenv("KLANKBORD_MASTODON_URL")
    assert Mastodon.client_options("secret") == {}
    assert Mastodon(Client("", classify))._server(account) == "https://een.example"


def test_a_link_header_cannot_lead_to_another_address(fediverse: Fediverse) -> None:
    rows = [status(n) for n in range(80, 0, -1)]
    account = fediverse.account()
    evil = '<https://elders.example/steal?max_id=41&access_token=1>; rel="next"'
    fediverse.say(
        f"/een.example/api/v1/accounts/{OWN}/statuses",
        answer(rows[:40], link=evil),
        answer(rows[40:], link='<x?min_id=1>; rel="prev"'),
    )
    assert len(collect(fediverse, account).posts) == 80
    assert fediverse.urls[-1].endswith("/statuses?limit=40&max_id=41")


def test_classify_reads_every_reset() -> None:
    for header in ("2026-11-22T10:05:00Z", "1795341900", "Sun, 22 Nov 2026 10:05:00 GMT"):
        verdict = classify(httpx.Response(429, headers={"X-RateLimit-Reset": header}))
        assert (verdict.kind, verdict.retry_at) == (
            Kind.THROTTLED,
            datetime(2026, 11, 22, 10, 5, tzinfo=UTC),
        )


# --- properties --------------------------------------------------------------------------------

URL = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1)


@given(st.integers(1, 2**63 - 1), st.permutations(["next", "prev", "first"]), URL, st.booleans())
def test_the_cursor_of_any_link_header_is_found(
    cursor: int, rels: list[str], name: str, quoted: bool
) -> None:
    parts = [
        f"<https://{name}.example/api/v1/accounts/1/statuses?limit=40&"
        f"{'max_id' if rel == 'next' else 'min_id'}={cursor}>; "
        + (f'rel="{rel}"' if quoted else f"rel={rel}")
        for rel in rels
    ]
    assert next_max_id(httpx.Response(200, headers={"Link": ", ".join(parts)})) == str(cursor)
    rest = ", ".join(part for part, rel in zip(parts, rels, strict=True) if rel != "next")
    assert next_max_id(httpx.Response(200, headers={"Link": rest})) is None


@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc", "Cs"])))
def test_any_header_gives_a_cursor_or_none(text: str) -> None:
    found = next_max_id(httpx.Response(200, headers=[(b"Link", text.encode("latin-1"))]))
    assert found is None or isinstance(found, str)


WORD = st.text(st.characters(exclude_categories=["Cc", "Cs", "Z"]), min_size=1)


@given(st.lists(st.lists(WORD, min_size=1), min_size=1))
def test_a_text_survives_its_html(paragraphs: list[list[str]]) -> None:
    lines = [[html.escape(word) for word in words] for words in paragraphs]
    content = "".join(f"<p>{'<br />'.join(words)}</p>" for words in lines)
    assert plain_text(content) == "\n".join("\n".join(words) for words in paragraphs)


def test_mentions_and_links_are_whole_words() -> None:
    content = (
        '<p><span class="h-card"><a href="https://x.example/@roos" class="mention">@<span>roos'
        '</span></a></span> zie <a href="https://x.example/a?b=1"><span class="invisible">https://'
        '</span><span class="ellipsis">x.example/a?</span><span class="invisible">b=1</span></a>'
        '</p><p>#<span>afval</span> &amp; meer</p>'
    )  # fmt: skip
    assert plain_text(content) == "@roos zie https://x.example/a?b=1\n#afval & meer"
