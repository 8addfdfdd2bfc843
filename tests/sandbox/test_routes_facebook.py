"""The sandbox's Graph: the field-expansion parser, cursors, and errors as Graph words them."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount

from klankbord.sandbox import routes_facebook
from klankbord.sandbox.facebook_fields import Field, GraphError, parse_fields
from klankbord.sandbox.model import Counters, Message, WorldAccount

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
PAGE = WorldAccount("aalst-facebook", "aalst", "facebook", "stad.aalst", 1001, "Stad Aalst", 900)
FIRST = 5_000


def post(place: int) -> Message:
    return Message(
        FIRST + place,
        PAGE.account_id,
        None,
        "original",
        NOW - timedelta(hours=place),
        "Markt",
        None,
        FIRST + place,
    )


def small_sandbox() -> SimpleNamespace:
    """A page with seven posts, the newest of which nobody shared."""
    posts = [post(place) for place in range(1, 8)]
    world = SimpleNamespace(
        find=lambda platform, who: PAGE if who in (PAGE.user_id, PAGE.handle) else None,
        followers=lambda page, moment: page.followers_start,
        own=lambda page, since, until, at=None: [m for m in posts if since <= m.created_at < until],
        message=lambda page, number: next((m for m in posts if m.message_id == number), None),
        thread=lambda page, root, until: [m for m in posts if m.message_id == root],
        answers=lambda page, number, until: [],
        counters=lambda page, message, moment: Counters(4, 0, message.message_id - FIRST - 1, 0, 9),
    )
    return SimpleNamespace(world=world, now=lambda: NOW, token="t", requests=Counter())


def client_of(sandbox: SimpleNamespace) -> Any:
    """ask(path, **params) -> response, with the right token unless told otherwise."""
    app = Starlette(routes=[Mount("/facebook", routes=routes_facebook.routes(sandbox))])

    async def get(path: str, params: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            return await client.get(f"/facebook{path}", params={"access_token": "t", **params})

    return lambda path, **params: asyncio.run(get(path, params))


@pytest.fixture
def sandbox() -> SimpleNamespace:
    return small_sandbox()


@pytest.fixture
def ask(sandbox: SimpleNamespace) -> Any:
    return client_of(sandbox)


# --- the parser ------------------------------------------------------------------------------

WORD = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
ARGUMENT = st.text(st.characters(codec="utf-8", exclude_characters=")"), max_size=12)


def fields_of(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Field]:
    return st.builds(Field, WORD, st.dictionaries(WORD, ARGUMENT, max_size=3), st.none() | children)


EXPRESSIONS = st.recursive(
    st.lists(st.builds(Field, WORD), min_size=1, max_size=3),
    lambda children: st.lists(fields_of(children), min_size=1, max_size=3),
    max_leaves=12,
)


def write(fields: list[Field]) -> str:
    """The expression that says `fields`."""
    return ",".join(
        one.name
        + "".join(f".{name}({argument})" for name, argument in one.modifiers.items())
        + ("" if one.fields is None else f"{{{write(one.fields)}}}")
        for one in fields
    )


@given(EXPRESSIONS)
def test_what_is_written_is_read(fields: list[Field]) -> None:
    assert parse_fields(write(fields)) == fields


@given(st.text(st.sampled_from("ab_,.(){}1 é"), max_size=30))
def test_any_text_is_fields_or_a_syntax_error(text: str) -> None:
    try:
        fields = parse_fields(text)
    except GraphError as error:
        assert error.body["code"] == 2500
    else:
        assert write(fields) == text


@pytest.mark.parametrize(
    "text",
    ["", ",", "id,", "id,,name", "a{", "a{}", "a{b", "a}", "a.limit", "a.limit(3", "a.(3)", "a b"],
)
def test_syntax_errors(text: str) -> None:
    with pytest.raises(GraphError, match="Syntax error"):
        parse_fields(text)


# --- nodes, edges, cursors -------------------------------------------------------------------


def test_a_page_by_id_and_by_name(ask: Any) -> None:
    whole = {"id": "1001", "username": "stad.aalst", "followers_count": 900, "fan_count": 900}
    for node in ("/1001", "/stad.aalst"):
        assert ask(node, fields="username,followers_count,fan_count").json() == whole
    assert ask("/1001").json() == {"id": "1001", "name": "Stad Aalst"}


@given(limit=st.integers(1, 9))
def test_cursors_give_every_row_once_and_in_order(limit: int) -> None:
    ask = client_of(small_sandbox())
    found: list[str] = []
    params: dict[str, Any] = {"fields": "id", "limit": limit}
    while True:
        body = ask("/1001/published_posts", **params).json()
        found += [row["id"] for row in body["data"]]
        assert len(body["data"]) <= limit
        if "next" not in body["paging"]:
            break
        params["after"] = body["paging"]["cursors"]["after"]
        assert len(found) < 8
    assert found == [f"1001_{FIRST + place}" for place in range(1, 8)]


def test_nested_pages_continue_on_the_edge(ask: Any) -> None:
    nested = ask("/1001", fields="published_posts.limit(3){id}").json()["published_posts"]
    assert [row["id"][-1] for row in nested["data"]] == ["1", "2", "3"]
    after = nested["paging"]["cursors"]["after"]
    assert (
        f"/facebook/1001/published_posts?access_token=t&limit=3&after={after}"
        in (nested["paging"]["next"])
    )
    rest = ask("/1001/published_posts", fields="id", limit=100, after=after).json()
    assert [row["id"][-1] for row in rest["data"]] == ["4", "5", "6", "7"]
    assert "next" not in rest["paging"]
    last = rest["paging"]["cursors"]["after"]
    assert ask("/1001/published_posts", fields="id", after=last).json() == {"data": []}


def test_since_and_until(ask: Any) -> None:
    def at(hours: int) -> int:
        return int((NOW - timedelta(hours=hours)).timestamp())

    body = ask("/1001/published_posts", fields="id", since=at(5), until=at(2)).json()
    assert [row["id"][-1] for row in body["data"]] == ["3", "4", "5"]


def test_what_is_empty_is_left_out(ask: Any) -> None:
    fields = (
        "shares,parent_id,reactions.limit(0).summary(true),comments{id},comments.summary(1).as(c)"
    )
    newest, second = ask("/1001", fields=f"published_posts.limit(2){{{fields}}}").json()[
        "published_posts"
    ]["data"]
    assert "shares" not in newest and second["shares"] == {"count": 1}
    assert "comments" not in newest and "parent_id" not in newest
    assert newest["reactions"]["summary"]["total_count"] == 4
    assert newest["c"] == {
        "data": [],
        "summary": {"order": "chronological", "total_count": 0, "can_comment": False},
    }
    assert ask(f"/1001_{FIRST + 1}/comments", fields="id").json() == {"data": []}


def test_usage_headers_appear_once_enough_calls_were_made(
    ask: Any, sandbox: SimpleNamespace
) -> None:
    assert "x-app-usage" not in ask("/1001").headers
    sandbox.requests["facebook"] = 2_000
    assert '"call_count": 20' in ask("/1001").headers["x-app-usage"]


# --- errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "params", "status", "code", "says"),
    [
        ("/", {"ids": "1001,1002"}, 500, 100, "The ids query parameter is deprecated in v26.0+"),
        ("/1001", {"access_token": ""}, 400, 104, "An access token is required"),
        ("/1001", {"access_token": "other"}, 400, 190, "Invalid OAuth access token"),
        ("/nobody", {}, 404, 803, "Some of the aliases you requested do not exist: nobody"),
        ("/4242", {}, 400, 100, "Unsupported get request. Object with ID '4242' does not exist"),
        ("/1001_4242", {}, 400, 100, "Unsupported get request"),
        ("/1001/feed", {}, 400, 100, "nonexisting field (feed)"),
        (
            "/1001",
            {"fields": "id,page_fans"},
            400,
            100,
            "nonexisting field (page_fans) on node type (Page)",
        ),
        ("/1001", {"fields": "published_posts{likes}"}, 400, 100, "on node type (PagePost)"),
        ("/1001", {"fields": "published_posts.max(3){id}"}, 400, 100, "Unknown modifier max"),
        ("/1001", {"fields": "published_posts.limit(many){id}"}, 400, 100, "Param limit"),
        ("/1001/published_posts", {"count": "3"}, 400, 100, "Unknown modifier count"),
        ("/1001/published_posts", {"since": "yesterday"}, 400, 100, "Unix timestamp"),
        ("/1001/published_posts", {"after": "abc"}, 400, 100, "Invalid cursor"),
        (f"/1001_{FIRST + 1}/comments", {"filter": "flat"}, 400, 100, "filter"),
        ("/1001", {"fields": "id,"}, 400, 2500, "Syntax error"),
        (
            "/1001",
            {"fields": "published_posts.limit(100){comments.limit(100){id}}"},
            500,
            1,
            "Please reduce the amount of data",
        ),
    ],
)
def test_errors(
    ask: Any, path: str, params: dict[str, str], status: int, code: int, says: str
) -> None:
    response = ask(path, **params)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert says in error["message"]
    assert {"message", "type", "code", "fbtrace_id"} <= set(error)


@pytest.mark.parametrize(
    ("kind", "status", "code", "header"),
    [
        ("throttle", 400, 80001, "x-business-use-case-usage"),
        ("quota_spent", 400, 80001, "x-business-use-case-usage"),
        ("throttle_400", 400, 4, "x-app-usage"),
        ("token_expired", 400, 190, None),
        ("permission", 403, 10, None),
        ("not_found", 404, 803, None),
    ],
)
def test_faults(
    sandbox: SimpleNamespace, kind: str, status: int, code: int, header: str | None
) -> None:
    request = SimpleNamespace(url=httpx.URL("http://sandbox/facebook/stad.aalst?fields=id"))
    response = routes_facebook.error_response(kind, sandbox, request)
    assert response.status_code == status
    assert f'"code":{code},' in response.body.decode()
    assert header is None or header in response.headers
