"""X's routes in the sandbox: its limits and refusals, and the lint that keeps them X's own."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount, Route
from tests.x_world import AUTHOR, NOW, TOKEN, Log, SmallWorld, make_sandbox, sandbox_app
from xdk import schemas

from klankbord.platforms.x_answers import classify
from klankbord.platforms.x_calls import NEW_NAMES, OLD_NAMES
from klankbord.sandbox import routes_x

TIMELINE, MENTIONS = "/x/2/users/1001/tweets", "/x/2/users/1001/mentions"
ALL_NEW = {**NEW_NAMES, "max_results": "100"}
KINDS = ["throttle", "throttle_400", "quota_spent", "token_expired", "permission", "not_found"]
#: names that changed on 2026-08-07, and counters that the recordings are too old for
RENAMED = {"retweet_count", "tweet_count", "pinned_tweet_id", "tweets", "repost_count",
           "post_count"}  # fmt: skip
YOUNGER = {"bookmark_count", "impression_count"}

Get = Callable[..., httpx.Response]


@pytest.fixture
def world() -> SmallWorld:
    """One account with 12 originals, a mention, our reply to it, and a repost."""
    small = SmallWorld()
    account = small.account()
    for hours in range(12, 0, -1):
        small.say(account, at=NOW - timedelta(hours=hours))
    mention = small.say(account, "incoming", "@Gemeente1 open?")
    small.say(account, "reply", "Ja.", parent=mention)
    small.say(account, "repost", reposted_text="Feest", reposted_author=AUTHOR)
    return small


def in_process(app: Any, path: str, query: Any = None, headers: Any = None) -> httpx.Response:
    """The answer of an ASGI application, without a socket."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            return await client.get(path, params=query, headers=headers)

    return asyncio.run(ask())


@pytest.fixture
def connect() -> Callable[..., Get]:
    """connect(world, faults, **attributes of the sandbox) -> get(path, **query)."""

    def make(world: SmallWorld, faults: Any = None, **more: Any) -> Get:
        app = sandbox_app(make_sandbox(world, **more), Log(), faults)

        def get(path: str, token: str = TOKEN, **query: Any) -> httpx.Response:
            return in_process(app, path, query, {"Authorization": f"Bearer {token}"})

        return get

    return make


def answer_faults(model: type[BaseModel], body: Any) -> list[str]:
    """Where a body is not what X's model says: missing, wrongly typed, or unknown to it.

    The models allow unknown keys, and nearly every known one may be absent: a renamed field would
    pass validation alone.
    """
    try:
        parsed = model.model_validate(body, strict=True)
    except ValidationError as error:
        return [".".join(map(str, each["loc"])) for each in error.errors()]
    return unknown(parsed, "")


def unknown(value: Any, path: str) -> list[str]:
    if isinstance(value, list):
        return [
            each for number, one in enumerate(value) for each in unknown(one, f"{path}{number}.")
        ]
    if not isinstance(value, BaseModel):
        return []
    found = [f"{path}{key}" for key in value.model_extra or ()]
    for key in type(value).model_fields:
        found += unknown(getattr(value, key), f"{path}{key}.")
    return found


# -- the response lint


def test_every_answer_is_what_the_official_models_say(world: SmallWorld, connect: Any) -> None:
    get = connect(world)
    expanded = {**ALL_NEW, "user.fields": "name,public_metrics,username"}
    lookup = {"user.fields": ",".join(routes_x.USER_FIELDS)}
    posts, mentions = schemas.GetUsersPostsResponse, schemas.GetUsersMentionsResponse
    names, ids = schemas.GetUsersByUsernamesResponse, schemas.GetUsersByIdsResponse
    cases = [
        (posts, get(TIMELINE, **expanded)),
        (posts, get(TIMELINE, max_results=5)),
        (posts, get(TIMELINE, end_time="2012-01-01T00:00:00Z")),
        (posts, get("/x/2/users/9/tweets")),
        (mentions, get(MENTIONS, **expanded)),
        (names, get("/x/2/users/by", usernames="gemeente1,nobody", **lookup)),
        (ids, get("/x/2/users", ids="1001,9")),
        (ids, get("/x/2/users", ids="9")),
    ]
    for model, answer in cases:
        assert answer.status_code == 200
        assert answer_faults(model, answer.json()) == []
    assert set(cases[0][1].json()["includes"]) == {"users", "posts"}
    assert "next_token" in cases[1][1].json()["meta"]


@pytest.mark.parametrize(("spoil", "fault"), [
    (lambda b: b["data"][0]["public_metrics"].pop("repost_count"),
     "data.0.public_metrics.repost_count"),
    (lambda b: b["data"][0].update(id=5), "data.0.id"),
    (lambda b: b["data"][1].update(retweeted=True), "data.1.retweeted"),
    (lambda b: b["includes"].update(tweets=[]), "includes.tweets"),
    (lambda b: b["data"][0]["referenced_posts"][0].update(type="reposted"),
     "data.0.referenced_posts.0.type"),
    (lambda b: b["meta"].update(next=1), "meta.next"),
])  # fmt: skip
def test_the_response_lint_sees_what_is_wrong(
    world: SmallWorld, connect: Any, spoil: Callable[[Any], Any], fault: str
) -> None:
    body = connect(world)(TIMELINE, **ALL_NEW).json()
    spoil(body)
    assert answer_faults(schemas.GetUsersPostsResponse, body) == [fault]


def test_the_lint_finds_in_the_old_names_exactly_what_was_renamed(
    world: SmallWorld, connect: Any
) -> None:
    old = connect(world, x_legacy_names=True)(TIMELINE, max_results=100, **OLD_NAMES).json()
    found = answer_faults(schemas.GetUsersPostsResponse, old)
    assert {each.rpartition(".")[2] for each in found} == {"repost_count"}
    for post in old["data"]:
        post["public_metrics"]["repost_count"] = post["public_metrics"].pop("retweet_count")
    found = answer_faults(schemas.GetUsersPostsResponse, old)
    assert {each.rpartition(".")[2] for each in found} == {"referenced_tweets"}


@pytest.mark.parametrize(("name", "model"), [
    ("timeline_tweets", schemas.GetUsersPostsResponse),
    ("timeline_mentions", schemas.GetUsersMentionsResponse),
    ("users_resp", schemas.GetUsersByUsernamesResponse),
    ("tweets_resp", schemas.GetPostsByIdsResponse),
])  # fmt: skip
def test_recorded_answers_differ_from_the_models_in_names_and_young_counters_only(
    recorded: Callable[[str], Any], name: str, model: type[BaseModel]
) -> None:
    body = recorded(f"x/{name}.json")
    found = {each.rpartition(".")[2] for each in answer_faults(model, body)}
    assert found <= RENAMED | YOUNGER
    assert (name == "tweets_resp") == (not found)


def test_what_the_sandbox_offers_exists_in_the_models() -> None:
    user, post = set(schemas.User.model_fields), set(schemas.Post.model_fields)
    assert user >= routes_x.USER_FIELDS
    offered = routes_x.names_of(make_sandbox(SmallWorld()))
    assert post >= offered.fields | offered.expansions


# -- errors


def problem_of(answer: httpx.Response) -> str:
    assert answer.headers["content-type"].startswith("application/problem+json")
    body = answer.json()
    if body["type"].endswith("invalid-request"):
        schemas.InvalidRequestProblem.model_validate(body, strict=True)
        return body["errors"][0]["message"]
    return body["title"]


@pytest.mark.parametrize(("path", "query", "complaint"), [
    (TIMELINE, {"max_results": 4}, "is not between 5 and 100"),
    (TIMELINE, {"max_results": 101}, "is not between 5 and 100"),
    (TIMELINE, {"max_results": "many"}, "is not between 5 and 100"),
    (TIMELINE, {"pagination_token": "zzz"}, "is not valid"),
    (TIMELINE, {"start_time": "yesterday"}, "is not an RFC 3339"),
    (TIMELINE, {"start_time": "2010-01-01T00:00:00Z"}, "on or after 2010-11-06"),
    (TIMELINE, {"start_time": "2026-09-02T00:00:00Z", "end_time": "2026-09-01T00:00:00Z"},
     "must be before end_time"),
    (TIMELINE, {"post.fields": "author_id"}, "[author_id] is not one of"),
    (TIMELINE, {"tweet.fields": "id"}, "[tweet.fields] is not one of"),
    (MENTIONS, {"expansions": "referenced_tweets.id"}, "[referenced_tweets.id] is not one of"),
    ("/x/2/users/by", {}, "size must be between 1 and 100"),
    ("/x/2/users/by", {"usernames": ",".join(f"a{n}" for n in range(101))}, "between 1 and 100"),
    ("/x/2/users/by", {"usernames": "a-b"}, "does not match"),
    ("/x/2/users", {"ids": "12a"}, "does not match"),
    ("/x/2/users", {"ids": "12", "user.fields": "shoe_size"}, "[shoe_size] is not one of"),
])  # fmt: skip
def test_a_request_that_x_refuses_is_refused(
    world: SmallWorld, connect: Any, path: str, query: Any, complaint: str
) -> None:
    answer = connect(world)(path, **query)
    assert answer.status_code == 400
    assert complaint in problem_of(answer)


def test_the_older_server_refuses_the_new_names(world: SmallWorld, connect: Any) -> None:
    get = connect(world, x_legacy_names=True)
    assert "[post.fields] is not one of" in get(TIMELINE, **{"post.fields": "id"}).text
    assert get(TIMELINE, **OLD_NAMES).status_code == 200
    user = get("/x/2/users", ids="1001", **{"user.fields": "public_metrics"}).json()["data"][0]
    assert "tweet_count" in user["public_metrics"]


def test_a_bearer_is_demanded(world: SmallWorld, connect: Any) -> None:
    answer = connect(world)(TIMELINE, token="another")
    assert (answer.status_code, problem_of(answer)) == (401, "Unauthorized")


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_each_fault_has_the_form_that_x_gives_it(
    world: SmallWorld, kind: str, legacy: bool
) -> None:
    sandbox = make_sandbox(world, x_legacy_names=legacy)

    async def endpoint(request: Request) -> Any:
        return routes_x.error_response(kind, sandbox, request)

    app = Starlette(routes=[Mount("/x", routes=[Route("/2/users/{id}/tweets", endpoint)])])
    answer = in_process(app, TIMELINE)
    verdict = classify(answer)
    assert (answer.status_code, verdict.kind.value, verdict.reason) == {
        "throttle": (429, "throttled", None),
        "throttle_400": (429, "throttled", None),
        "quota_spent": (429, "throttled", "usage_capped"),
        "token_expired": (401, "refused", "token_expired"),
        "permission": (403, "refused", "permission"),
        "not_found": (200, "ok", None),
    }[kind]
    if kind == "throttle":
        assert ("code" in answer.json().get("errors", [{}])[0]) is legacy
        assert int(answer.headers["x-rate-limit-reset"]) > time.time()
    if kind == "not_found" and not legacy:
        assert answer_faults(schemas.GetUsersPostsResponse, answer.json()) == []
        assert answer.json()["errors"][0]["value"] == "1001"


@pytest.mark.parametrize(("path", "limit"), [(MENTIONS, 450), (TIMELINE, 10_000)])
def test_each_endpoint_has_a_budget_of_its_own(
    world: SmallWorld, connect: Any, path: str, limit: int
) -> None:
    get = connect(world, rate_limit_scale=2 / limit)
    first, second, third = (get(path) for _ in range(3))
    assert [a.headers["x-rate-limit-remaining"] for a in (first, second, third)] == ["1", "0", "0"]
    assert [a.status_code for a in (first, second, third)] == [200, 200, 429]
    assert classify(third).kind.value == "throttled"
    assert 0 < int(third.headers["x-rate-limit-reset"]) - time.time() <= 901
    assert get("/x/2/users", ids="1001").headers["x-rate-limit-limit"] == str(int(600 / limit))


def test_limits_are_x_s_own_where_the_scale_is_one(world: SmallWorld, connect: Any) -> None:
    get = connect(world, rate_limit_scale=1)
    found = [get(p, **q).headers["x-rate-limit-limit"] for p, q in (
        ("/x/2/users", {"ids": "1"}), ("/x/2/users/by", {"usernames": "a"}), (TIMELINE, {}),
        (MENTIONS, {}))]  # fmt: skip
    assert found == ["300", "300", "10000", "450"]


# -- paging and the world


def test_pages_join_to_the_whole_and_the_last_has_no_token(world: SmallWorld, connect: Any) -> None:
    get, token, pages = connect(world), {}, []
    for _ in range(3):
        body = get(TIMELINE, max_results=5, **token).json()
        pages.append([post["id"] for post in body["data"]])
        token = {"pagination_token": body["meta"].get("next_token")}
    assert list(map(len, pages)) == [5, 5, 4]
    assert token == {"pagination_token": None}
    own = [m for m in world.said if m.is_own]
    assert [each for page in pages for each in page] == [str(m.message_id) for m in own[::-1]]


def test_start_is_inclusive_and_end_exclusive(world: SmallWorld, connect: Any) -> None:
    span = {"start_time": "2026-09-30T10:00:00Z", "end_time": "2026-09-30T12:00:00Z"}
    body = connect(world)(TIMELINE, **{"post.fields": "created_at"}, **span).json()
    assert [p["created_at"] for p in body["data"]] == [
        "2026-09-30T11:00:00.000Z", "2026-09-30T10:00:00.000Z",
    ]  # fmt: skip


def test_the_future_is_not_served(world: SmallWorld, connect: Any) -> None:
    late = world.say(world.accounts[0], at=NOW + timedelta(minutes=1))
    body = connect(world)(TIMELINE, end_time="2026-10-05T00:00:00Z").json()
    assert str(late.message_id) not in [post["id"] for post in body["data"]]


def test_faults_of_pages(world: SmallWorld, connect: Any) -> None:
    first = connect(world)(TIMELINE, max_results=10).json()
    token = first["meta"]["next_token"]
    again = connect(world, {("tweets", 1): "repeated_page"})(
        TIMELINE, max_results=10, pagination_token=token
    ).json()
    assert again["data"] == first["data"]
    assert again["meta"]["next_token"] == token
    get = connect(world, {("tweets", 1): "empty_last_page"})
    last = get(TIMELINE, max_results=100).json()
    empty = get(TIMELINE, pagination_token=last["meta"]["next_token"]).json()
    assert empty == {"meta": {"result_count": 0}}


def test_a_shrunken_answer_has_half_the_posts_and_a_tenth_of_the_followers(
    world: SmallWorld, connect: Any
) -> None:
    get = connect(world, {("tweets", 1): "shrunken", ("users", 1): "shrunken"})
    assert len(get(TIMELINE, max_results=100).json()["data"]) == 7
    user = get("/x/2/users", ids="1001", **{"user.fields": "public_metrics"}).json()["data"][0]
    assert user["public_metrics"]["followers_count"] == 500


def test_only_what_is_asked_for_is_shown(world: SmallWorld, connect: Any) -> None:
    body = connect(world)(MENTIONS).json()
    assert [set(post) for post in body["data"]] == [{"id", "text"}]
    assert "includes" not in body
    asked = connect(world)(MENTIONS, expansions="author_id").json()
    assert asked["includes"] == {
        "users": [{"id": "7000001", "name": "Roos Vermeiren", "username": "roosvermeiren"}]
    }


# -- what owners are told


def owners_figures(get: Get, *posts: Any, token: str) -> httpx.Response:
    ids = ",".join(str(m.message_id) for m in posts)
    return get("/x/2/tweets", token=token, ids=ids, **{"post.fields": "id,non_public_metrics"})


def test_an_owner_is_told_what_nobody_else_is(world: SmallWorld, connect: Any) -> None:
    world.account(2)
    get, post = connect(world), world.said[0]
    body = owners_figures(get, post, token=f"{TOKEN}.1001").json()
    assert answer_faults(schemas.GetPostsByIdsResponse, body) == []
    [told] = body["data"]
    assert told["non_public_metrics"] == {
        "impression_count": 900, "url_link_clicks": 7, "user_profile_clicks": 2, "engagements": 17,
    }  # fmt: skip
    for token in (TOKEN, f"{TOKEN}.1002"):  # the app's, and another owner's
        body = owners_figures(get, post, token=token).json()
        assert answer_faults(schemas.GetPostsByIdsResponse, body) == []
        [error] = body["errors"]
        assert "data" not in body
        schemas.NotAuthorizedForFieldProblem.model_validate(error, strict=True)
        assert (error["field"], error["value"]) == ("non_public_metrics", str(post.message_id))


def test_an_owner_is_told_nothing_of_old_posts_reposts_and_other_people_s(
    world: SmallWorld, connect: Any
) -> None:
    account = world.accounts[0]
    limit = NOW - timedelta(days=30)
    old = world.say(account, at=limit)
    young = world.say(account, at=limit + timedelta(seconds=1))
    [mention] = [m for m in world.said if m.kind == "incoming"]
    [repost] = [m for m in world.said if m.kind == "repost"]
    token = f"{TOKEN}.1001"
    body = owners_figures(connect(world), old, young, mention, repost, token=token).json()
    assert [each["id"] for each in body["data"]] == [str(young.message_id)]
    assert [each["value"] for each in body["errors"]] == [
        str(m.message_id) for m in (old, mention, repost)
    ]


def test_an_owners_token_is_taken_where_owners_are_told_and_has_a_budget_of_its_own(
    world: SmallWorld, connect: Any
) -> None:
    get = connect(world, rate_limit_scale=1 / 3500)
    token = f"{TOKEN}.1001"
    assert get(TIMELINE, token=token).status_code == 401
    for stranger in (f"{TOKEN}.9", f"{TOKEN}.x", f"{TOKEN}."):
        assert owners_figures(get, world.said[0], token=stranger).status_code == 401
    found = [owners_figures(get, world.said[0], token=t) for t in (TOKEN, token, token)]
    assert [answer.status_code for answer in found] == [200, 200, 429]
