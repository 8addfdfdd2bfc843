"""What X tells owners, over real HTTP: which posts are asked for, whose token, every no."""

import inspect
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.x_world import (
    AUTHOR,
    NOW,
    TOKEN,
    WINDOW,
    Log,
    SmallWorld,
    make_sandbox,
    sandbox_app,
    scripted_app,
    serving,
)
from xdk.posts.client import PostsClient
from xdk.stream.client import StreamClient

from klankbord.http import Client
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Event, Item, MetricRefused, Outcome
from klankbord.platforms.ledger import Ledger, Reading
from klankbord.platforms.x import X
from klankbord.privacy import minimise
from klankbord.settings import LOCAL_ZONE
from klankbord.verdicts import Throttled

HOST = "https://api.x.com/2/problems"
OWNERS = f"{TOKEN}.1001"
ONE = Account("body1-x", "body1", "x", "Gemeente1", access_tier="T3")
USER = {"id": "1001", "username": "Gemeente1"}
METRICS = {
    "impression_count": 900,
    "url_link_clicks": 7,
    "user_profile_clicks": 2,
    "engagements": 17,
}


@pytest.fixture
def ask() -> Iterator[Callable[..., X]]:
    """ask(app) -> a connector that talks to the application over loopback, with owners' tokens."""
    with ExitStack() as stack:

        def connect(app: Any, prefix: str = "", owners: str | None = OWNERS) -> X:
            url = stack.enter_context(serving(app)) + prefix
            client = Client(
                url, X.classify, only_loopback=True, backoff_seconds=0, **X.client_options(TOKEN)
            )
            stack.callback(client.close)
            return X(client, lambda platform, account_id: owners)

        yield connect


def read(connector: X, *accounts: Account, window: Window = WINDOW) -> list[Event]:
    return list(connector.extract(accounts or (ONE,), window))


def figures(found: list[Event]) -> dict[str, dict[str, Any]]:
    """The figures by post."""
    by_post: dict[str, dict[str, Any]] = {}
    for item in found:
        if isinstance(item, Item) and item.stream == "insights":
            values = by_post.setdefault(item.payload["object_id"], {})
            values[item.payload["metric"]] = item.payload["value"]
    return by_post


def ended(found: list[Event], who: str = "body1-x") -> dict[str, str]:
    """stream -> 'ok', or status/reason."""
    ends = [o for o in found if isinstance(o, Outcome) and o.account_id == who]
    assert len(ends) == len({o.stream for o in ends}) == 4
    return {o.stream: "/".join(filter(None, (o.status, o.reason))) for o in ends}


def asked(log: Log) -> list[list[str]]:
    """The ids of each request for owners' figures."""
    queries = [query for _, query in log if "non_public_metrics" in str(query)]
    return [query["ids"].split(",") for query in queries]


def with_ledger(**more: Any) -> Account:
    return Account("body1-x", "body1", "x", "Gemeente1", access_tier="T3", ledger=Ledger(**more))


# -- what is read


@pytest.mark.parametrize("legacy", [False, True])
def test_an_owner_is_told_of_his_posts_of_all_kinds_but_reposts(ask: Any, legacy: bool) -> None:
    world, log = SmallWorld(), Log()
    account = world.account()
    original = world.say(account)
    mention = world.say(account, "incoming", "@Gemeente1 open?")
    reply = world.say(account, "reply", "Ja.", parent=mention)
    world.say(account, "repost", reposted_text="Feest", reposted_author=AUTHOR)
    app = sandbox_app(make_sandbox(world, x_legacy_names=legacy), log)
    found = read(ask(app, "/x"))
    assert figures(found) == {str(m.message_id): METRICS for m in (original, reply)}
    assert set(ended(found).values()) == {"ok"}
    [ids] = asked(log)
    assert set(ids) == {str(original.message_id), str(reply.message_id)}
    field = "tweet.fields" if legacy else "post.fields"
    assert log[-1][1] == {"ids": ",".join(ids), field: "id,non_public_metrics"}


def test_an_item_has_the_shape_that_all_platforms_share(ask: Any) -> None:
    world = SmallWorld()
    post = str(world.say(world.account()).message_id)
    found = read(ask(sandbox_app(make_sandbox(world), Log()), "/x"))
    items = {i.item_id: i for i in found if isinstance(i, Item) and i.stream == "insights"}
    item = items[f"{post}/url_link_clicks/lifetime/2026-09-30"]
    assert len(items) == 4 and item.is_own and item.author_id == "1001"
    stored = minimise(item, X.fields["insights"], "x", "key")[1]
    stored.pop("klankbord")
    assert stored == {
        "object": "post", "object_id": post, "metric": "url_link_clicks", "period": "lifetime",
        "end_time": None, "value": 7,
    }  # fmt: skip


def test_a_hundred_posts_a_call(ask: Any) -> None:
    world, log = SmallWorld(), Log()
    account = world.account()
    for _ in range(101):
        world.say(account)
    found = read(ask(sandbox_app(make_sandbox(world), log), "/x"))
    assert [len(ids) for ids in asked(log)] == [100, 1]
    assert len(figures(found)) == 101


def test_no_other_tier_is_asked_for_insights(ask: Any) -> None:
    world, log = SmallWorld(), Log()
    world.say(world.account())
    account = Account("body1-x", "body1", "x", "Gemeente1", access_tier="T2")
    found = read(ask(sandbox_app(make_sandbox(world), log), "/x"), account)
    assert asked(log) == []
    assert not any(isinstance(e, Outcome) and e.stream == "insights" for e in found)


def test_posts_are_asked_for_when_first_seen_and_at_the_ages_of_their_counters(ask: Any) -> None:
    world, log = SmallWorld(), Log()
    account = world.account()
    yesterday = NOW - timedelta(days=1)
    ages = [0.5, 1.5, 2.5, 3.5, 5, 7.5, 20, 28.5, 29.5]
    posts = {days: world.say(account, at=NOW - timedelta(days=days)) for days in ages}
    ledger = {
        str(m.message_id): Reading(m.created_at, yesterday, 0)
        for m in posts.values()
        if m.created_at < yesterday
    }
    known = with_ledger(
        posts=ledger, posts_known_until=yesterday, messages_known_until=yesterday,
        insights_known_until=yesterday,
    )  # fmt: skip
    read(ask(sandbox_app(make_sandbox(world), log), "/x"), known)
    names = {str(m.message_id): days for days, m in posts.items()}
    assert sorted(names[i] for i in asked(log)[0]) == [0.5, 1.5, 3.5, 7.5, 28.5]


@pytest.mark.parametrize(
    ("first", "last", "cut"), [(20, 10, False), (40, 10, True), (60, 40, True)]
)
def test_a_backfill_says_from_when_on_x_tells(ask: Any, first: int, last: int, cut: bool) -> None:
    world, log = SmallWorld(), Log()
    account = world.account()
    for days in (12, 35, 50):
        world.say(account, at=NOW - timedelta(days=days))
    since, until = ((NOW - timedelta(days=days)).date() for days in (first, last))
    window = Window.between(since, until, NOW.date())
    found = read(ask(sandbox_app(make_sandbox(world), log), "/x"), window=window)
    [end] = [e for e in found if isinstance(e, Outcome) and e.stream == "insights"]
    assert end.status == "ok" and bool(end.observed_since) == bool(end.detail) == cut
    assert sum(map(len, asked(log))) == (last == 10)
    if cut:
        edge = min(date(2026, 9, 1), until + timedelta(days=1))
        assert end.observed_since == datetime.combine(edge, datetime.min.time(), LOCAL_ZONE)
        assert "since 2026-09-01 only" in end.detail


def test_what_a_failed_scan_left_is_asked_for_later_from_the_ledger(ask: Any) -> None:
    """The counters were read the day before, the figures were not: three days then, four now."""
    world, log = SmallWorld(), Log()
    account = world.account()
    post = world.say(account, at=NOW - timedelta(days=4))
    yesterday = NOW - timedelta(hours=20)
    known = with_ledger(
        posts={str(post.message_id): Reading(post.created_at, yesterday, 0)},
        posts_known_until=yesterday, insights_known_until=NOW - timedelta(days=2),
    )  # fmt: skip
    found = read(ask(sandbox_app(make_sandbox(world), log), "/x"), known)
    assert figures(found) == {str(post.message_id): METRICS}


def test_an_old_server_is_asked_with_the_old_name_when_that_comes_first(ask: Any) -> None:
    world, log = SmallWorld(), Log()
    post = world.say(world.account(), at=NOW - timedelta(days=4))
    known = with_ledger(posts={str(post.message_id): Reading(post.created_at, NOW, 0)})
    window = replace(WINDOW, streams=frozenset({"insights"}))
    found = read(
        ask(sandbox_app(make_sandbox(world, x_legacy_names=True), log), "/x"), known, window=window
    )
    assert figures(found) == {str(post.message_id): METRICS}
    assert [sorted(query)[-1] for _, query in log[1:]] == ["post.fields", "tweet.fields"]


def test_posts_of_thirty_days_are_not_asked_for_even_by_a_backfill(ask: Any) -> None:
    world, log = SmallWorld(), Log()
    account = world.account()
    old, young = (world.say(account, at=NOW - timedelta(days=days)) for days in (31, 20))
    day = NOW.date()
    window = Window.between(day - timedelta(days=60), day - timedelta(days=1), day)
    found = read(ask(sandbox_app(make_sandbox(world), log), "/x"), window=window)
    assert asked(log) == [[str(young.message_id)]]
    assert any(isinstance(e, Item) and e.item_id == str(old.message_id) for e in found)


# -- every way of saying no


def owners_app(answer: Any, log: list[str], posts: Any = None) -> Starlette:
    """Everything goes well; the owner's request gets `answer`. log: what each request showed."""

    async def endpoint(request: Request) -> Response:
        log.append(request.headers.get("authorization", ""))
        end = request.url.path.rpartition("/")[2]
        if end == "by":
            return JSONResponse({"data": [USER]})
        if request.url.path == "/2/tweets" and log[-1].removeprefix("Bearer ") == TOKEN:
            return JSONResponse({"data": []})  # the counters
        if request.url.path == "/2/tweets":
            return answer if isinstance(answer, Response) else JSONResponse(answer)
        data = (posts or POSTS) if request.url.path.endswith("1001/tweets") else []
        return JSONResponse({"data": data, "meta": {"result_count": len(data)}})

    return Starlette(routes=[Route("/{path:path}", endpoint)])


def post(number: int) -> dict[str, Any]:
    return {"id": str(number), "author_id": "1001", "created_at": "2026-09-30T10:00:00.000Z"}


POSTS = [post(8), post(9)]


def problem(post_id: str, kind: str, field: str | None = None) -> dict[str, Any]:
    found = {"title": "T", "detail": "D", "type": f"{HOST}/{kind}", "value": post_id}
    return {**found, "field": field} if field else found


def told(number: int, **values: Any) -> dict[str, Any]:
    return {"id": str(number), "non_public_metrics": values}


REFUSED = [problem(str(n), "not-authorized-for-field", "non_public_metrics") for n in (8, 9)]


def test_the_owners_token_goes_into_the_header_of_that_request_only(ask: Any) -> None:
    log: list[str] = []
    found = read(ask(owners_app({"data": [told(8, engagements=1)]}, log)))
    assert log == [f"Bearer {TOKEN}"] * 3 + [f"Bearer {OWNERS}"]
    assert OWNERS not in repr(found)
    assert figures(found) == {"8": {"engagements": 1}}


def test_without_a_token_nothing_is_asked_and_the_outcome_says_so(ask: Any) -> None:
    log: list[str] = []
    found = read(ask(owners_app({}, log), owners=None))
    assert ended(found) == {
        "profiles": "ok", "posts": "ok", "messages": "ok", "insights": "refused/token_missing",
    }  # fmt: skip
    assert len(log) == 3


@pytest.mark.parametrize(("answer", "end"), [
    ({"errors": REFUSED}, "refused/permission"),  # somebody else's token
    ({"data": [{"id": "8"}, {"id": "9"}]}, "refused/permission"),  # the field left out in silence
    ({"errors": [REFUSED[0], problem("9", "resource-not-found")]}, "refused/permission"),
    ({"errors": [problem(n, "resource-not-found") for n in "89"]}, "ok"),  # deleted just now
    (JSONResponse({}, 401), "refused/token_expired"),
    (JSONResponse({}, 403), "refused/permission"),
    (JSONResponse({}, 400), "failed/bad_request"),
    (JSONResponse({}, 429), "failed/throttled"),
    (Response("", 503), "failed/server_error"),
    (JSONResponse({"data": [{"text": "no id"}]}), "failed/malformed_answer"),
    (JSONResponse([]), "failed/malformed_answer"),
])  # fmt: skip
def test_whatever_is_refused_to_an_owner_costs_his_figures_alone(
    ask: Any, answer: Any, end: str
) -> None:
    found = read(ask(owners_app(answer, [])))
    assert ended(found) == {"profiles": "ok", "posts": "ok", "messages": "ok", "insights": end}
    assert figures(found) == {}
    assert TOKEN not in repr(found)


def test_a_post_that_is_refused_does_not_cost_the_others(ask: Any) -> None:
    member = problem("8", "not-authorized-for-field", "non_public_metrics.engagements")
    answer = {"data": [told(9, engagements=3)], "errors": [REFUSED[0], member]}
    found = read(ask(owners_app(answer, [])))
    assert figures(found) == {"9": {"engagements": 3}}
    assert ended(found)["insights"] == "ok"
    assert not any(isinstance(e, MetricRefused) for e in found)


@pytest.mark.parametrize("kind", ["not-authorized-for-field", "field-unauthorized"])
def test_a_metric_that_is_refused_costs_that_metric_and_is_named_once(ask: Any, kind: str) -> None:
    refused = [problem(n, kind, "non_public_metrics.url_link_clicks") for n in "89"]
    answer = {"data": [told(8, engagements=3), told(9, engagements=4)], "errors": refused}
    found = read(ask(owners_app(answer, [])))
    assert figures(found) == {"8": {"engagements": 3}, "9": {"engagements": 4}}
    assert [e for e in found if isinstance(e, MetricRefused)] == [
        MetricRefused("body1-x", "url_link_clicks", kind)
    ]
    assert ended(found)["insights"] == "ok"


def test_absent_is_absent_nought_is_nought_and_unknown_names_are_left(ask: Any) -> None:
    values = {"url_link_clicks": 0, "engagements": None, "user_profile_clicks": True, "secret": 5}
    found = read(ask(owners_app({"data": [told(8, **values), told(77, engagements=1)]}, [])))
    assert figures(found) == {"8": {"url_link_clicks": 0}}  # and nothing that was not asked for


def test_money_that_is_spent_is_raised_for_all(ask: Any) -> None:
    with pytest.raises(Throttled) as raised:
        read(ask(owners_app(JSONResponse({}, 402), [])))
    assert raised.value.reason == "usage_capped"


def test_an_owners_limit_is_not_the_apps(ask: Any) -> None:
    """The owner's budget is empty after the first scan: the app's requests go on."""
    log: list[str] = []
    soon = str(int(time.time()) + 600)
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": soon}
    answer = JSONResponse({"data": [told(8, engagements=1)]}, headers=headers)
    connector = ask(owners_app(answer, log))
    assert ended(read(connector))["insights"] == "ok"
    due = Reading(NOW - timedelta(days=3.5), NOW - timedelta(days=2), 0)  # its counters
    found = read(connector, with_ledger(posts={"7": due}, posts_known_until=NOW))
    assert [o.detail for o in found if isinstance(o, Outcome) and o.stream == "posts"] == [""]
    assert ended(found) == {
        "profiles": "ok", "posts": "ok", "messages": "ok", "insights": "failed/throttled",
    }  # fmt: skip
    assert log == [f"Bearer {TOKEN}"] * 3 + [f"Bearer {OWNERS}"] + [f"Bearer {TOKEN}"] * 4


def test_posts_that_could_not_be_listed_leave_the_figures_due(ask: Any) -> None:
    """ok would say that all that was due was read, and the new posts are not known."""
    empty = {"meta": {"result_count": 0}}
    script = {"by": [{"data": [USER]}], "mentions": [empty]}
    log = Log()
    found = read(ask(scripted_app({**script, "tweets": [JSONResponse({}, 403)]}, log)))
    assert ended(found)["insights"] == ended(found)["posts"] == "refused/permission"
    assert asked(log) == []


# -- the contract


def test_the_request_exists_in_the_official_client() -> None:
    source = inspect.getsource(PostsClient.get_by_ids)
    assert 'base_url + "/2/tweets"' in source
    assert {"ids", "post.fields"} <= set(re.findall(r'params\["([^"]+)"\]', source))
    hints = inspect.get_annotations(PostsClient.get_by_ids)
    assert "'non_public_metrics'" in str(hints["post_fields"]).replace('"', "'")
    older = inspect.get_annotations(StreamClient.posts_firehose)
    assert "'non_public_metrics'" in str(older["tweet_fields"]).replace('"', "'")


wild = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda v: (
        st.lists(v, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "non_public_metrics", "engagements", "type", "field", "value"]),
            v,
        )
    ),
    max_leaves=8,
)


@given(body=st.fixed_dictionaries({}, optional={"data": wild, "errors": wild}))
def test_the_figures_have_one_outcome_whatever_x_answers(body: Mapping[str, Any]) -> None:
    class Canned:
        """A client that says `body` to the owner's request, and the usual to the others."""

        def get_response(self, path: str, params: Any, **more: Any) -> Any:
            if path == "/2/tweets":
                assert more["purpose"] == "insights"
                return httpx.Response(200, json=body)
            users = path == "/2/users/by"
            return httpx.Response(200, json={"data": [USER] if users else POSTS, "meta": {}})

    connector = X(Canned(), lambda platform, account_id: OWNERS)  # type: ignore[arg-type]
    found = read(connector)
    ended(found)
    for values in figures(found).values():
        assert all(isinstance(v, int) for v in values.values())
