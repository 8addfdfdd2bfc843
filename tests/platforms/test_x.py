"""The X connector over real HTTP: paging, names old and new, every way of saying no, privacy."""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extras import RealDictCursor
from starlette.responses import JSONResponse, Response
from tests.questions.staging import with_verdict
from tests.x_world import (
    AUTHOR,
    CITIZEN,
    NOW,
    TOKEN,
    WINDOW,
    Log,
    SmallWorld,
    make_sandbox,
    registered,
    sandbox_app,
    scripted_app,
    serving,
)
from xdk.stream.client import StreamClient
from xdk.users.client import UsersClient

from klankbord import settings
from klankbord.http import Client
from klankbord.landing import Landing
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Item, Outcome
from klankbord.platforms.x import X
from klankbord.platforms.x_answers import classify
from klankbord.platforms.x_calls import NEW_NAMES, OLD_NAMES, USER_FIELDS
from klankbord.privacy import minimise
from klankbord.verdicts import Kind, Throttled

HOST = "https://api.x.com/2/problems"
USER = {"id": "1001", "username": "Gemeente1", "public_metrics": {"followers_count": 5}}
EMPTY = {"meta": {"result_count": 0}}
ONE = Account("body1-x", "body1", "x", "Gemeente1")
STREAMS = ("profiles", "posts", "messages")  # of an account whose owner gives no insights


@pytest.fixture
def ask() -> Iterator[Callable[..., X]]:
    """ask(app) -> a connector that talks to the application over loopback."""
    with ExitStack() as stack:

        def connect(app: Any, prefix: str = "", token: str = TOKEN) -> X:
            url = stack.enter_context(serving(app)) + prefix
            client = Client(
                url, X.classify, only_loopback=True, backoff_seconds=0, **X.client_options(token)
            )
            stack.callback(client.close)
            return X(client)

        yield connect


def read(connector: X, *accounts: Account, window: Window = WINDOW) -> list[Item | Outcome]:
    return list(connector.extract(accounts, window))


def items(found: list[Item | Outcome], stream: str) -> list[Item]:
    return [i for i in found if isinstance(i, Item) and i.stream == stream]


def outcomes(found: list[Item | Outcome]) -> dict[tuple[str, str], tuple[str, str]]:
    return {(o.account_id, o.stream): (o.status, o.reason) for o in found if isinstance(o, Outcome)}


def ended(found: list[Item | Outcome]) -> list[str]:
    """'ok', or status/reason, of profiles, posts and messages of the only account."""
    ends = outcomes(found)
    assert len(ends) == 3
    return ["/".join(filter(None, ends["body1-x", s])) for s in ("profiles", "posts", "messages")]


def problem(kind: str, **more: Any) -> dict[str, Any]:
    return {"title": "T", "detail": "D", "type": f"{HOST}/{kind}", **more}


# -- paging and the number of calls


def test_two_pages_are_read_to_the_last_row_with_the_fewest_calls(ask: Any) -> None:
    world, log = SmallWorld(), Log()
    account = world.account()
    own = [world.say(account) for _ in range(150)]
    asked = [world.say(account, "incoming", "@Gemeente1 open?") for _ in range(101)]
    found = read(ask(sandbox_app(make_sandbox(world), log), "/x"), registered(account))

    assert [i.item_id for i in items(found, "posts")] == [str(m.message_id) for m in own[::-1]]
    assert items(found, "messages")[-1].item_id == str(asked[0].message_id)
    assert len(items(found, "messages")) == 101
    assert ended(found) == ["ok", "ok", "ok"]
    timeline, mentions = "/2/users/1001/tweets", "/2/users/1001/mentions"
    assert log.paths() == ["/2/users/by", timeline, timeline, mentions, mentions]
    assert log[1][1]["start_time"] == "2026-08-31T22:00:00Z"  # local midnight of 1 September
    assert log[1][1]["end_time"] == "2026-09-30T20:00:00Z"
    assert "exclude" not in log[1][1]


def test_profiles_come_by_the_hundred_and_by_id_where_it_is_known(ask: Any) -> None:
    world, log = SmallWorld(), Log()
    accounts = [registered(world.account(n), with_id=n > 101) for n in range(1, 104)]
    found = read(ask(sandbox_app(make_sandbox(world), log), "/x"), *accounts)
    lookups = [(path, query) for path, query in log if not path.endswith(("tweets", "mentions"))]
    assert [path for path, _ in lookups] == ["/x/2/users", "/x/2/users/by", "/x/2/users/by"]
    assert [len(next(iter(query.values())).split(",")) for _, query in lookups] == [2, 100, 1]
    assert len(outcomes(found)) == 3 * 103
    assert set(outcomes(found).values()) == {("ok", "")}


def test_an_empty_last_page_is_no_trouble(ask: Any) -> None:
    world, log = SmallWorld(), Log()
    account = world.account()
    for _ in range(150):
        world.say(account)
    app = sandbox_app(make_sandbox(world), log, {("tweets", 2): "empty_last_page"})
    found = read(ask(app, "/x"), registered(account))
    assert len(items(found, "posts")) == 150
    assert ended(found) == ["ok", "ok", "ok"]
    assert log.paths().count("/2/users/1001/tweets") == 3


def test_short_and_empty_pages_are_no_end_while_a_token_comes(ask: Any) -> None:
    pages = [
        {"data": [{"id": "9"}], "meta": {"next_token": "a"}},
        {"meta": {"result_count": 0, "next_token": "b"}},
        {"data": [{"id": "8"}], "meta": {"result_count": 1}},
    ]
    app = scripted_app({"by": [{"data": [USER]}], "tweets": pages, "mentions": [EMPTY]}, Log())
    assert [i.item_id for i in items(read(ask(app), ONE), "posts")] == ["9", "8"]


def test_a_repeated_page_ends_the_stream_as_failed_and_not_the_other_one(ask: Any) -> None:
    world, log = SmallWorld(), Log()
    account = world.account()
    for _ in range(250):
        world.say(account)
    app = sandbox_app(make_sandbox(world), log, {("tweets", 2): "repeated_page"})
    found = read(ask(app, "/x"), registered(account))
    assert ended(found) == ["ok", "failed/repeated_page", "ok"]
    assert items(found, "posts") == []  # half a window would pass for a whole one
    assert log.paths().count("/2/users/1001/tweets") == 2


@pytest.mark.parametrize("meta", [{"next_token": "b"}, {}])
def test_a_page_that_adds_nothing_is_a_repetition_whatever_its_token(ask: Any, meta: Any) -> None:
    again = {"data": [{"id": "9"}], "meta": meta}
    pages = [{"data": [{"id": "9"}], "meta": {"next_token": "a"}}, again, EMPTY]
    app = scripted_app({"by": [{"data": [USER]}], "tweets": pages, "mentions": [EMPTY]}, Log())
    assert ended(read(ask(app), ONE)) == ["ok", "failed/repeated_page", "ok"]


# -- what an item says


@pytest.fixture
def conversation() -> SmallWorld:
    """One of each kind: (original, reply, continuation, repost), a mention, an answer to us."""
    world = SmallWorld()
    account = world.account()
    original = world.say(account, text="Vraag aan @daanpeeters &amp; co: kom je?")
    mention = world.say(account, "incoming", "@Gemeente1 is het zwembad open?")
    world.say(account, "incoming", "@Gemeente1 dank", parent=original)
    world.say(account, "reply", "@roosvermeiren Ja, tot 18 uur.", parent=mention)
    world.say(account, "continuation", "En morgen ook.", parent=original)
    world.say(account, "repost", reposted_text="Geheim feest op het plein", reposted_author=AUTHOR)
    return world


def payloads(found: list[Item | Outcome]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (i.stream, i.item_id): minimise(i, X.fields[i.stream], "x", "key")[1]
        for i in found
        if isinstance(i, Item)
    }


@pytest.mark.parametrize("legacy", [False, True])
def test_each_kind_of_message_arrives_as_what_it_is(
    ask: Any, conversation: SmallWorld, legacy: bool
) -> None:
    app = sandbox_app(make_sandbox(conversation, x_legacy_names=legacy), Log())
    found = read(ask(app, "/x"), registered(conversation.accounts[0]))
    posts = items(found, "posts")
    assert [staged(p)["message_kind"] for p in landed(posts)] == [
        "repost", "continuation", "reply", "original",
    ]  # fmt: skip
    assert [i.is_reply for i in posts] == [False, False, True, False]
    assert [i.text for i in posts] == [
        None, "En morgen ook.", "@roosvermeiren Ja, tot 18 uur.",
        "Vraag aan @daanpeeters & co: kom je?",
    ]  # fmt: skip
    messages = items(found, "messages")
    assert [(i.is_own, i.author_id) for i in messages] == [(False, str(CITIZEN.user_id))] * 2
    replied = [staged(p)["in_reply_to_id"] for p in landed(posts)]
    assert replied[1:] == [str(conversation.said[0].message_id),
                           str(conversation.said[1].message_id), None]  # fmt: skip
    counted = staged(landed(posts)[-1])
    assert [counted[c] for c in ("reactions", "comments", "shares", "quotes", "views")] == [
        11, 2, 3, 1, 900,
    ]  # fmt: skip


@pytest.mark.parametrize("legacy", [False, True])
def test_no_citizen_passes_the_line(ask: Any, conversation: SmallWorld, legacy: bool) -> None:
    app = sandbox_app(make_sandbox(conversation, x_legacy_names=legacy), Log())
    stored = payloads(read(ask(app, "/x"), registered(conversation.accounts[0])))
    text = json.dumps(list(stored.values()), ensure_ascii=False)
    for person in (CITIZEN, AUTHOR):
        for secret in (person.name, person.handle, person.avatar_url, str(person.user_id)):
            assert secret not in text
    for said in ("zwembad", "tot 18 uur", "dank", "Geheim feest"):
        assert said not in text
    assert "Vraag aan @_ & co: kom je?" in text and "En morgen ook." in text
    assert "includes" not in text


def test_reposts_and_own_posts_among_the_mentions_are_not_incoming(ask: Any) -> None:
    mentions = [
        {"id": "1", "author_id": "1001", "text": "@Gemeente1 over onszelf"},
        {"id": "2", "author_id": "5", "referenced_posts": [{"type": "retweeted", "id": "7"}]},
        {"id": "3", "author_id": "5", "referenced_tweets": [{"type": "reposted", "id": "7"}]},
        {"id": "4", "author_id": "5", "referenced_posts": [{"type": "quoted", "id": "7"}]},
    ]
    answer = {"data": mentions, "meta": {"result_count": 4}}
    app = scripted_app({"by": [{"data": [USER]}], "tweets": [EMPTY], "mentions": [answer]}, Log())
    assert [i.item_id for i in items(read(ask(app), ONE), "messages")] == ["4"]


def test_the_whole_of_a_long_post_is_judged(ask: Any) -> None:
    world = SmallWorld()
    account = world.account()
    world.say(account, "incoming", "@Gemeente1 " + "over het plein " * 25 + "en wanneer?")
    found = read(ask(sandbox_app(make_sandbox(world), Log()), "/x"), registered(account))
    [payload] = [p for (stream, _), p in payloads(found).items() if stream == "messages"]
    assert payload["klankbord"]["is_question"] is True
    assert payload["klankbord"]["text_length"] > 280


def test_as_many_mentions_as_x_ever_gives_are_said_to_be_perhaps_incomplete(ask: Any) -> None:
    data = [{"id": str(n), "author_id": "5"} for n in range(1, 801)]
    app = scripted_app(
        {"by": [{"data": [USER]}], "tweets": [EMPTY], "mentions": [{"data": data, "meta": {}}]},
        Log(),
    )
    [last] = [o for o in read(ask(app), ONE) if isinstance(o, Outcome) and o.stream == "messages"]
    assert (last.status, "800" in last.detail) == ("ok", True)


# -- names old and new


def test_an_old_server_is_asked_with_the_old_names_and_that_is_remembered(
    ask: Any, caplog: Any
) -> None:
    world, log = SmallWorld(), Log()
    accounts = [world.account(n) for n in (1, 2)]
    for account in accounts:
        world.say(account)
    app = sandbox_app(make_sandbox(world, x_legacy_names=True), log)
    found = read(ask(app, "/x"), *map(registered, accounts))
    assert [len(items(found, s)) for s in ("profiles", "posts")] == [2, 2]
    assert [("post.fields" in q, "tweet.fields" in q) for _, q in log] == [
        (False, False), (True, False), (False, True), (False, True), (False, True), (False, True),
    ]  # fmt: skip
    assert "asking with the old" in caplog.text


@pytest.mark.parametrize("message", [
    "The query parameter [post.fields] is not one of [id,max_results,tweet.fields]",
    "The `expansions` query parameter value [referenced_posts] is not one of [author_id]",
])  # fmt: skip
def test_both_complaints_about_the_new_names_lead_to_the_old_ones(ask: Any, message: str) -> None:
    refusal = JSONResponse(problem("invalid-request", errors=[{"message": message}]), 400)
    app = scripted_app(
        {"by": [{"data": [USER]}], "tweets": [refusal, EMPTY], "mentions": [EMPTY]}, Log()
    )
    assert ended(read(ask(app), ONE)) == ["ok", "ok", "ok"]


def test_a_server_that_knows_neither_is_not_asked_for_ever(ask: Any) -> None:
    refusal = JSONResponse(problem("invalid-request", detail="post.fields"), 400)
    log = Log()
    app = scripted_app({"by": [{"data": [USER]}], "tweets": [refusal], "mentions": [EMPTY]}, log)
    assert ended(read(ask(app), ONE)) == ["ok", "failed/unknown_names", "ok"]
    assert log.paths().count("/2/users/1001/tweets") == 2


# -- every way of saying no


REJECTED = [
    (JSONResponse(problem("invalid-request"), 400), "failed/bad_request", 1),
    (JSONResponse({"title": "Unauthorized", "status": 401}, 401), "refused/token_expired", 1),
    (JSONResponse(problem("client-forbidden"), 403), "refused/permission", 1),
    (JSONResponse(problem("resource-not-found"), 404), "gone/account_not_found", 1),
    (Response("Service Unavailable", 503), "failed/server_error", 4),
    (Response('{"data": [{"id": "1', 200), "failed/malformed_answer", 4),
    (JSONResponse([1, 2]), "failed/malformed_answer", 1),
    (JSONResponse({"data": [{"text": "no id"}], "meta": {}}), "failed/malformed_answer", 1),
    (JSONResponse({"data": {"id": "1"}, "meta": {}}), "failed/malformed_answer", 1),
    (JSONResponse({}), "failed/missing_in_answer", 1),
    (JSONResponse({"errors": [problem("resource-not-found", value="1001")]}),
     "gone/account_not_found", 1),
    (JSONResponse({"errors": [problem("resource-not-found", value="1001",
                                      detail="User has been suspended: [1001].")]}),
     "gone/suspended", 1),
    (JSONResponse({"errors": [problem("not-authorized-for-resource", resource_id="1001")]}),
     "refused/protected", 1),
    (JSONResponse({"errors": [problem("internal-error", value="1001")]}),
     "failed/request_failed", 1),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "end", "requests"), REJECTED)
def test_a_refused_stream_is_an_outcome_and_the_others_go_on(
    ask: Any, answer: Response, end: str, requests: int
) -> None:
    log = Log()
    good = {"data": [{"id": "5", "author_id": "77"}], "meta": {"result_count": 1}}
    app = scripted_app({"by": [{"data": [USER]}], "tweets": [answer], "mentions": [good]}, log)
    found = read(ask(app), ONE)
    assert ended(found) == ["ok", end, "ok"]
    assert len(items(found, "messages")) == 1
    assert log.paths().count("/2/users/1001/tweets") == requests
    assert TOKEN not in repr(found)


def test_a_partial_error_about_a_post_that_is_referred_to_is_no_error_of_the_account(
    ask: Any,
) -> None:
    hidden = problem("not-authorized-for-resource", resource_type="post", value="9")
    answer = {"data": [{"id": "5"}], "errors": [hidden], "meta": {"result_count": 1}}
    app = scripted_app({"by": [{"data": [USER]}], "tweets": [answer], "mentions": [EMPTY]}, Log())
    assert ended(read(ask(app), ONE)) == ["ok", "ok", "ok"]


def test_users_that_are_gone_do_not_stop_the_others_of_their_batch(ask: Any) -> None:
    log = Log()
    lookup = {
        "data": [USER],
        "errors": [
            problem("resource-not-found", value="gone", parameter="usernames"),
            problem("resource-not-found", resource_id="Banned",
                    detail="User has been suspended: [Banned]."),
        ],
    }  # fmt: skip
    names = ["Gone", "banned", "forgotten", "a-b", "x" * 16, "GEMEENTE1"]
    accounts = [Account(f"{n}-x", n, "x", n) for n in names]
    app = scripted_app({"by": [lookup], "tweets": [EMPTY], "mentions": [EMPTY]}, log)
    found = read(ask(app), *accounts)
    ends = {a: e for (a, stream), e in outcomes(found).items() if stream == "posts"}
    assert list(ends.values()) == [
        ("failed", "invalid_handle"), ("failed", "invalid_handle"),
        ("gone", "account_not_found"), ("gone", "suspended"), ("failed", "missing_in_answer"),
        ("ok", ""),
    ]  # fmt: skip
    assert log[0][1]["usernames"] == "gone,banned,forgotten,gemeente1"
    assert len(log) == 3


def test_a_protected_account_costs_no_further_call(ask: Any) -> None:
    log = Log()
    app = scripted_app({"by": [{"data": [{**USER, "protected": True}]}]}, log)
    assert ended(read(ask(app), ONE)) == ["ok", "refused/protected", "refused/protected"]
    assert len(log) == 1


@pytest.mark.parametrize(("answer", "end"), [
    (JSONResponse({}, 401), "refused/token_expired"),
    (JSONResponse({}, 404), "failed/request_failed"),  # a wrong address, not deleted accounts
    (Response("", 500), "failed/server_error"),
])  # fmt: skip
def test_a_refused_lookup_ends_each_account_of_the_batch(
    ask: Any, answer: Response, end: str
) -> None:
    assert ended(read(ask(scripted_app({"by": [answer]}, Log())), ONE)) == [end] * 3


# -- quotas


def soon(seconds: int = 600) -> str:
    return str(int((datetime.now(UTC) + timedelta(seconds=seconds)).timestamp()))


@pytest.mark.parametrize("body", [
    problem("rate-limit-exceeded", status=429),
    {"errors": [{"code": 88, "message": "Rate limit exceeded"}]},
])  # fmt: skip
def test_a_spent_quota_is_raised_after_the_complete_accounts(ask: Any, body: Any) -> None:
    reset = soon()
    spent = JSONResponse(body, 429, headers={"x-rate-limit-reset": reset})
    users = {"data": [USER, {"id": "1002", "username": "gemeente2"}]}
    app = scripted_app({"by": [users], "tweets": [EMPTY], "mentions": [EMPTY, spent]}, Log())
    found: list[Item | Outcome] = []
    with pytest.raises(Throttled) as raised:
        found.extend(ask(app).extract([ONE, Account("body2-x", "body2", "x", "gemeente2")], WINDOW))
    assert raised.value.retry_at == datetime.fromtimestamp(int(reset), UTC)
    assert raised.value.reason == "throttled"


def test_when_the_quota_ends_half_way_profiles_are_kept_and_no_half_stream(ask: Any) -> None:
    spent = JSONResponse({}, 429)
    names = ["gemeente1", "gemeente2", "gemeente3"]
    users = {"data": [{"id": f"100{n}", "username": name} for n, name in enumerate(names, 1)]}
    app = scripted_app({"by": [users], "tweets": [EMPTY], "mentions": [EMPTY, spent]}, log := Log())
    seen = []
    accounts = [Account(f"body{n}-x", f"body{n}", "x", name) for n, name in enumerate(names, 1)]
    with pytest.raises(Throttled) as raised:
        for each in ask(app).extract(accounts, WINDOW):
            seen.append(each)
    ends = outcomes(seen)
    assert [ends["body1-x", s] for s in STREAMS] == [("ok", "")] * 3
    unread = ("failed", "throttled")
    for who in ("body2-x", "body3-x"):  # their follower counts are only observable now
        assert [ends[who, s] for s in STREAMS] == [("ok", ""), unread, unread]
    assert len(items(seen, "profiles")) == 3
    assert len(log) == 5
    assert raised.value.retry_at > datetime.now(UTC) + timedelta(minutes=14)


def test_an_empty_budget_stops_only_the_next_request_to_that_endpoint(ask: Any) -> None:
    log, reset = Log(), soon()
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
    users = {"data": [USER, {"id": "1002", "username": "gemeente2"}]}
    mentions = [JSONResponse(EMPTY, headers=headers)]
    script = {"by": [JSONResponse(users, headers=headers)], "tweets": [EMPTY], "mentions": mentions}
    connector = ask(scripted_app(script, log))
    assert ended(read(connector, ONE)) == ["ok", "ok", "ok"]
    with pytest.raises(Throttled) as raised:
        read(connector, ONE)  # the lookup's own budget
    assert raised.value.retry_at == datetime.fromtimestamp(int(reset), UTC)
    assert len(log) == 3
    connector.calls.spent["/2/users/by"] = datetime.now(UTC) - timedelta(seconds=1)
    with pytest.raises(Throttled, match="mentions"):
        read(connector, ONE)
    assert log.paths()[3:] == ["/2/users/by", "/2/users/1001/tweets"]


SPENT_MONEY = [
    (429, {"title": "UsageCapExceeded", "period": "Monthly",
           "type": "https://api.twitter.com/2/problems/usage-capped"}),
    (402, {"title": "CreditsDepleted", "type": "https://api.twitter.com/2/problems/credits"}),
    (402, {}),
    (403, {"title": "SpendCapReached", "type": f"{HOST}/credits"}),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body"), SPENT_MONEY)
def test_spent_money_waits_for_the_next_month_and_calls_for_somebody(
    ask: Any, caplog: Any, status: int, body: Any
) -> None:
    log = Log()
    answer = JSONResponse(body, status, headers={"x-rate-limit-remaining": "39999"})
    with pytest.raises(Throttled) as raised:
        read(ask(scripted_app({"by": [answer]}, log)), ONE)
    assert raised.value.reason == "usage_capped"
    now, then = datetime.now(UTC), raised.value.retry_at
    assert (then.day, then.hour, then.minute) == (1, 0, 0)
    assert timedelta() < then - now <= timedelta(days=31)
    assert "ERROR" in caplog.text and "credits" in caplog.text
    assert len(log) == 1


@pytest.mark.parametrize("days", [3, 4])  # at least one of them is no first of a month
def test_spent_money_waits_for_the_day_that_the_body_names(days: int) -> None:
    day = (datetime.now(UTC) + timedelta(days=days)).date()
    body = {"type": f"{HOST}/credits", "reset_date": day.isoformat()}
    verdict = classify(httpx.Response(403, json=body))
    assert verdict.retry_at == datetime.combine(day, datetime.min.time(), UTC)


wild = st.one_of(st.text(), st.integers().map(str), st.floats().map(str), st.datetimes().map(str))
values = st.recursive(st.none() | st.booleans() | wild, lambda v: st.lists(v, max_size=3)
                      | st.dictionaries(st.sampled_from(["type", "title", "reset_date", "errors"]),
                                        v, max_size=4), max_leaves=6)  # fmt: skip


@given(status=st.integers(200, 599), body=values, reset=wild)
def test_whatever_comes_has_a_meaning(status: int, body: Any, reset: str) -> None:
    headers = [(b"x-rate-limit-reset", reset.encode("latin-1", "replace"))]
    verdict = classify(httpx.Response(status, json=body, headers=headers))
    assert (verdict.kind is Kind.OK) == (status < 300)
    if verdict.retry_at is not None:
        assert verdict.kind is Kind.THROTTLED
        assert verdict.retry_at.utcoffset() == timedelta()


class Canned:
    """A client that has one answer for everything."""

    def __init__(self, body: Any) -> None:
        self.body = body

    def get_response(self, path: str, params: Any, **_: Any) -> httpx.Response:
        return httpx.Response(
            200, content=json.dumps(self.body), headers=[(b"x-rate-limit-remaining", b"\xb2")]
        )


@given(body=st.one_of(values, st.fixed_dictionaries({}, optional={
    "data": values | st.lists(st.fixed_dictionaries(
        {"id": st.text(max_size=3), "username": st.just("a")}, optional={"protected": values,
         "text": values, "referenced_posts": values, "note_post": values,
         "in_reply_to_user_id": values}), max_size=3),
    "errors": values, "meta": values})),
    handle=st.text(max_size=20), user_id=st.none() | st.text(max_size=20))  # fmt: skip
def test_every_account_has_one_outcome_a_stream_whatever_x_answers(
    body: Any, handle: str, user_id: str | None
) -> None:
    accounts = [Account("one", "o", "x", "a"), Account("two", "o", "x", handle, user_id)]
    found = list(X(Canned(body)).extract(accounts, WINDOW))  # type: ignore[arg-type]
    ends = [(o.account_id, o.stream) for o in found if isinstance(o, Outcome)]
    assert sorted(ends) == sorted((a.account_id, s) for a in accounts for s in STREAMS)


# -- the recorded answers, and staging's logic on what privacy lets through


def landed(found: list[Item]) -> list[dict[str, Any]]:
    return [minimise(item, X.fields[item.stream], "x", "key")[1] for item in found]


def staged(payload: dict[str, Any]) -> dict[str, Any]:
    """stg_x__posts in Python: what its SQL must make of a payload (compared in the dbt test)."""
    referenced = payload.get("referenced_posts") or payload.get("referenced_tweets") or []
    types = {r["type"]: r["id"] for r in referenced}
    metrics = payload.get("public_metrics", {})
    if types.keys() & {"retweeted", "reposted"}:
        kind = "repost"
    elif "replied_to" in types:
        own = payload.get("in_reply_to_user_id") == payload.get("author_id")
        kind = "continuation" if own else "reply"
    else:
        kind = "original"
    return {
        "message_kind": kind,
        "in_reply_to_id": types.get("replied_to"),
        "reactions": metrics.get("like_count"),
        "comments": metrics.get("reply_count"),
        "shares": metrics.get("repost_count", metrics.get("retweet_count")),
        "quotes": metrics.get("quote_count"),
        "views": metrics.get("impression_count"),
        "text_length": payload["klankbord"].get("text_length"),
    }


def recorded_answers(recorded: Callable[[str], Any]) -> dict[str, list[Any]]:
    timeline, mentions = recorded("x/timeline_tweets.json"), recorded("x/timeline_mentions.json")
    return {
        "by": [recorded("x/users_resp.json")],
        "tweets": [timeline, EMPTY],  # the recording has a first page and no second one
        "mentions": [mentions, EMPTY],
    }


def test_recorded_answers_parse_through_to_staging(
    ask: Any, recorded: Callable[[str], Any]
) -> None:
    script = recorded_answers(recorded)
    account = Account("dev-x", "dev", "x", "TwitterDev")
    found = read(ask(scripted_app(script, Log())), account)
    assert set(outcomes(found).values()) == {("ok", "")}
    [profile] = items(found, "profiles")
    assert profile.payload["public_metrics"]["followers_count"] == 514020
    posts = items(found, "posts")
    assert (len(posts), posts[0].item_id) == (5, "1364275610764201984")
    first = staged(landed(posts)[0])
    assert [first[c] for c in ("reactions", "comments", "shares", "quotes")] == [37, 2, 10, 1]
    assert first["views"] is None  # not counted yet in 2021: absent, and not nought
    messages = landed(items(found, "messages"))
    assert [m["klankbord"]["is_question"] for m in messages] == [False, False, True, False, False]
    assert not any("text" in m or "public_metrics" in m for m in messages)


# -- request lint: what we send, against the official client


def request_faults(path: str, query: dict[str, str]) -> list[str]:
    """What X's own client, generated from its OpenAPI, would not send. Old names: its firehose,
    which still speaks them."""
    template = re.sub(r"(?<=/users)/\d+", "/{id}", path)
    for _, method in inspect.getmembers(UsersClient, inspect.isfunction):
        source = inspect.getsource(method)
        if f'base_url + "{template}"' in source:
            break
    else:
        return [f"no such path: {path}"]
    known = set(re.findall(r'params\["([^"]+)"\]', source))
    known |= set(re.findall(r'pagination_param_name = "([^"]+)"', source))
    hints = inspect.get_annotations(method)  # strings: xdk does not import what they name
    if "tweet.fields" in query:
        hints |= inspect.get_annotations(StreamClient.posts_firehose)
        known |= {"tweet.fields"}
    faults = [f"no such parameter: {key}" for key in query.keys() - known]
    for key in query.keys() & known:
        allowed = set(re.findall("'([^']+)'", hints[key.replace(".", "_")]))
        sent = set(query[key].split(",")) if allowed else set()
        faults += [f"{key} has no {value}" for value in sent - allowed]
    return faults


def test_every_request_exists_in_the_official_client(ask: Any) -> None:
    asked = Log()
    for legacy in (False, True):
        world, log = SmallWorld(), Log()
        accounts = [registered(world.account(n), with_id=n == 1) for n in (1, 2)]
        for _ in range(101):
            world.say(world.accounts[0])
            world.say(world.accounts[0], "incoming")
        app = sandbox_app(make_sandbox(world, x_legacy_names=legacy), log)
        read(ask(app, "/x"), *accounts)
        asked += log
    kinds = {(re.sub(r"\d{4}", "", path), tuple(sorted(query))) for path, query in asked}
    assert len(kinds) == 10  # two lookups, first and further pages of two streams in two ways
    for path, query in asked:
        assert request_faults(path.removeprefix("/x"), query) == []


@pytest.mark.parametrize(("path", "query", "fault"), [
    ("/2/users/1/posts", {}, "no such path: /2/users/1/posts"),
    ("/2/users/1/tweets", {"limit": "5"}, "no such parameter: limit"),
    ("/2/users/1/tweets", {"post.fields": "author_id"}, "post.fields has no author_id"),
    ("/2/users/1/mentions", {"exclude": "replies"}, "no such parameter: exclude"),
    ("/2/users/1/mentions", {"expansions": "referenced_tweets.id"},
     "expansions has no referenced_tweets.id"),
    ("/2/users/by", {"ids": "1"}, "no such parameter: ids"),
    ("/2/users/1/tweets", {"tweet.fields": "referenced_posts"},
     "tweet.fields has no referenced_posts"),
])  # fmt: skip
def test_the_request_lint_sees_what_is_wrong(path: str, query: Any, fault: str) -> None:
    assert request_faults(path, query) == [fault]


def test_what_is_asked_for_is_what_may_be_stored_or_judged() -> None:
    asked = {n for names in (NEW_NAMES, OLD_NAMES) for v in names.values() for n in v.split(",")}
    rules = X.fields["posts"].own | X.fields["messages"].citizen
    stored = {path.partition("[")[0] for path in rules}
    assert asked == stored | {"note_post", "note_tweet"}
    assert set(USER_FIELDS.split(",")) == X.fields["profiles"].own


def test_a_window_is_sent_in_utc_whatever_the_clock(ask: Any) -> None:
    log = Log()
    app = scripted_app({"by": [{"data": [USER]}], "tweets": [EMPTY], "mentions": [EMPTY]}, log)
    read(ask(app), ONE, window=Window.ending(NOW - timedelta(days=200, microseconds=5)))
    assert log[1][1]["start_time"] == "2026-02-12T23:00:00Z"  # winter: UTC+1
    assert log[1][1]["end_time"] == "2026-03-14T19:59:59Z"


def test_without_a_token_no_header_is_made() -> None:
    assert X.client_options("") == {}
    assert TOKEN not in repr(asdict(ONE))


# -- staging reads what the connector and privacy make


def stage(warehouse: Any, model: str, found: list[Item | Outcome]) -> list[dict[str, Any]]:
    """The rows of a staging model over what was found, landed as the pipeline lands it."""
    with closing(warehouse.open("klankbord_loader")) as connection:
        landing = Landing(
            connection, "x", WINDOW, streams={e.account_id: STREAMS for e in found},
            fields=X.fields, key="key", run_id="t", now=NOW,
        )  # fmt: skip
        for event in found:
            landing.add(event)
        landing.close(0)
    folder = settings.PROJECT_ROOT / "dbt_project" / "models" / "staging" / "x"
    text = with_verdict((folder / f"stg_x__{model}.sql").read_text())
    query = re.sub(r"\{\{ source\('raw', '(\w+)'\) \}\}", r"raw.\1", text)
    with (
        closing(warehouse.open("klankbord_transformer")) as connection,
        connection.cursor(cursor_factory=RealDictCursor) as cursor,
    ):
        cursor.execute(query)
        return [dict(row) for row in cursor]


@pytest.mark.parametrize("legacy", [False, True])
def test_staging_reads_both_generations_of_names(
    ask: Any, conversation: SmallWorld, warehouse: Any, legacy: bool
) -> None:
    account = registered(conversation.accounts[0])
    app = sandbox_app(make_sandbox(conversation, x_legacy_names=legacy), Log())
    found = read(ask(app, "/x"), account)

    [profile] = stage(warehouse, "profiles", found)
    assert list(profile) == [
        "account_id", "platform_user_id", "scan_on", "observed_at", "followers", "extraction_id",
    ]  # fmt: skip
    assert (profile["platform_user_id"], profile["followers"]) == ("1001", 5000)

    rows = {row["post_id"]: row for row in stage(warehouse, "posts", found)}
    assert list(next(iter(rows.values()))) == [
        "account_id", "post_id", "scan_on", "observed_at", "created_at", "message_kind",
        "in_reply_to_id", "reactions", "comments", "shares", "quotes", "views", "text_length",
        "extraction_id",
    ]  # fmt: skip
    own = [m for m in conversation.said if m.is_own]
    assert [rows[str(m.message_id)]["message_kind"] for m in own] == [m.kind for m in own]
    assert [rows[str(m.message_id)]["created_at"] for m in own] == [m.created_at for m in own]
    posts = items(found, "posts")
    for item, payload in zip(posts, landed(posts), strict=True):
        expected = staged(payload)
        assert {key: rows[item.item_id][key] for key in expected} == expected

    messages = stage(warehouse, "messages", found)
    assert list(messages[0]) == [
        "account_id", "message_id", "scan_on", "observed_at", "created_at", "is_own",
        "author_pseudonym", "in_reply_to_id", "is_question", "question_rules", "text_length",
        "is_liked_by_owner",
        "extraction_id",
    ]  # fmt: skip
    by_id = {row["message_id"]: row for row in messages}
    question, thanks = (by_id[str(m.message_id)] for m in conversation.said if not m.is_own)
    assert (question["is_question"], question["in_reply_to_id"]) == (True, None)
    assert thanks["in_reply_to_id"] == str(conversation.said[0].message_id)
    assert re.fullmatch("[0-9a-f]{32}", question["author_pseudonym"])
    assert {row["is_own"] for row in messages} == {False}


def test_staging_leaves_absent_what_the_recordings_do_not_have(
    ask: Any, recorded: Callable[[str], Any], warehouse: Any
) -> None:
    account = Account("dev-x", "dev", "x", "TwitterDev")
    found = read(ask(scripted_app(recorded_answers(recorded), Log())), account)
    rows = {row["post_id"]: row for row in stage(warehouse, "posts", found)}
    first = rows["1364275610764201984"]
    assert (first["message_kind"], first["shares"], first["views"]) == ("original", 10, None)
    assert {row["author_pseudonym"] for row in stage(warehouse, "messages", [])} == {None}
