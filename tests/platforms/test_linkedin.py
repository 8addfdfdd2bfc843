"""LinkedIn by Community Management against the sandbox's routes, over real HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.page_world import NOW, OK, OPEN, WINDOW, connector, scan, serving, sort

from klankbord import settings
from klankbord.errors import SettingsError
from klankbord.platforms import linkedin_answers
from klankbord.platforms.base import Window
from klankbord.platforms.events import INSIGHT_KEYS
from klankbord.platforms.ledger import Ledger, Reading
from klankbord.platforms.linkedin import LinkedIn, route_name
from klankbord.platforms.linkedin_answers import (
    VERSIONS,
    classify,
    listed,
    plain_text,
    version_warning,
)
from klankbord.privacy import minimise
from klankbord.sandbox import linkedin_objects
from klankbord.sandbox.linkedin_objects import little
from klankbord.sandbox.linkedin_restli import Query
from klankbord.verdicts import Kind, Throttled

CALLS = "linkedin GET /rest/"


@pytest.fixture(scope="module")
def running() -> Iterator[SimpleNamespace]:
    with serving("linkedin") as house:
        yield house


@pytest.fixture
def house(running: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """An empty world behind the running sandbox."""
    monkeypatch.setenv("KLANKBORD_NOW", NOW.isoformat())
    running.world.accounts.clear()
    running.world.said.clear()
    running.sandbox.faults.clear()
    running.sandbox.requests.clear()
    running.sandbox.set_clock(NOW)
    return running


def calls(house: SimpleNamespace, path: str) -> int:
    return house.sandbox.requests[CALLS + path]


def newest(house: SimpleNamespace, user_id: int = 1_001) -> object:
    return house.world.own(house.world.accounts[user_id], WINDOW.since, NOW)[0]


def test_posts_are_paged_to_the_last_one_and_advertisements_left_out(
    house: SimpleNamespace,
) -> None:
    account = house.world.page(1, posts=213)
    found = scan(house, LinkedIn, [account])
    assert set(found.outcomes.values()) == {OK}
    assert len(found.posts) == len({p.item_id for p in found.posts}) == 213
    oldest = min(house.world.said, key=lambda m: m.created_at)
    assert found.posts[-1].item_id.endswith(f":{oldest.message_id}")
    assert found.posts[-1].created_at == oldest.created_at
    assert calls(house, "posts") == 3  # 214 rows, an advertisement among them
    assert {p.payload["shareStatistics"]["shareCount"] for p in found.posts} == {3}
    assert found.profiles[0].payload["followers"] == 5_000
    assert [o.complete_since for o in found.ends if o.stream == "posts"] == [WINDOW.since]


def test_posts_that_are_too_old_are_not_listed(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=300, every=timedelta(hours=8))
    found = scan(house, LinkedIn, [account])
    assert len(found.posts) == 89
    assert calls(house, "posts") == 2  # 30 days and 21 more are some 153 posts


def test_comments_of_two_levels_over_two_pages(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=1, every=timedelta(days=3))
    post = newest(house)
    for minute in range(130):
        said_at = post.created_at + timedelta(minutes=minute + 1)
        question = house.world.say(1_001, said_at, post, OPEN)
    answer = house.world.say(1_001, NOW - timedelta(hours=1), question)
    more = house.world.say(1_001, NOW - timedelta(minutes=50), post, kind="continuation")
    found = scan(house, LinkedIn, [account])
    by_id = {m.item_id: m for m in found.messages}
    assert len(found.messages) == len(by_id) == 132
    post_id = found.posts[0].item_id
    thread = f"(urn:li:activity:{post.message_id}"
    asked = by_id[f"urn:li:comment:{thread},{question.message_id})"]
    replied = by_id[f"urn:li:comment:{thread},{answer.message_id})"]
    continued = by_id[f"urn:li:comment:{thread},{more.message_id})"]
    assert (asked.is_own, asked.author_id) == (False, "urn:li:person:m6acfc3Q")
    assert replied.payload["parentComment"] == asked.item_id
    assert (replied.is_own, replied.is_reply) == (True, True)
    assert (continued.is_own, continued.is_reply) == (True, False)
    assert {m.payload["post_id"] for m in found.messages} == {post_id}
    assert found.posts[0].answers == 132
    assert found.posts[0].payload["socialMetadata"]["commentSummary"]["topLevelCount"] == 131
    assert found.threads == [post_id]
    assert calls(house, "socialActions/{urn}/comments") == 3  # two pages, and one that was answered


def test_nested_comments_are_found_where_a_comment_has_no_summary(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = house.world.page(1, posts=1, every=timedelta(days=3))
    post = newest(house)
    question = house.world.say(1_001, post.created_at + timedelta(minutes=1), post, OPEN)
    house.world.say(1_001, post.created_at + timedelta(minutes=2), question)
    real = linkedin_objects.comment
    monkeypatch.setattr(
        "klankbord.sandbox.linkedin_objects.comment",
        lambda page, message, answers, **more: real(page, message, 0, **more),
    )
    assert len(scan(house, LinkedIn, [account]).messages) == 2


def test_only_the_window_but_threads_of_older_posts_too(house: SimpleNamespace) -> None:
    account = house.world.page(1)
    early = WINDOW.since - timedelta(days=3)
    old = house.world.say(1_001, early)
    house.world.say(1_001, early + timedelta(hours=1), old, OPEN)
    late = house.world.say(1_001, WINDOW.since, old, OPEN)
    house.world.say(1_001, WINDOW.since)
    house.world.say(1_001, WINDOW.since - timedelta(days=30))
    found = scan(house, LinkedIn, [account])
    assert [p.created_at for p in found.posts] == [WINDOW.since]
    assert [m.item_id.endswith(f",{late.message_id})") for m in found.messages] == [True]
    # of the old thread a part was read only: nothing may be buried for it
    assert found.threads == []
    # it was never stored, so nothing tells that its counter moved: it is not read each day again
    for known, asked in ((NOW - timedelta(hours=24), 0), (NOW - timedelta(days=27), 1)):
        house.sandbox.requests.clear()
        scan(house, LinkedIn, [replace(account, ledger=Ledger({}, known, known, known))])
        assert calls(house, "socialActions/{urn}/comments") == asked


def test_a_thread_is_asked_for_when_the_ledger_wants_it(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=2, every=timedelta(days=9))
    young, old = house.world.own(house.world.accounts[1_001], WINDOW.since, NOW)
    for post in (young, old):
        house.world.say(1_001, post.created_at + timedelta(hours=1), post, OPEN)
    ids = [p.item_id for p in scan(house, LinkedIn, [account]).posts]
    read = {
        # a scan reads a moment after its window's end
        name: Reading(post.created_at, NOW - timedelta(minutes=59), 1)
        for name, post in zip(ids, (young, old), strict=True)
    }
    known = Ledger(read, NOW, NOW - timedelta(hours=1), NOW - timedelta(hours=1))
    house.sandbox.requests.clear()
    found = scan(house, LinkedIn, [replace(account, ledger=known)])
    assert found.threads == [ids[0]]  # the old one was seen at 14 days, and its counter stands
    assert calls(house, "socialActions/{urn}/comments") == 1
    # nothing is due: no post needs its statistics, only the page's days are read
    assert calls(house, "organizationalEntityShareStatistics") == 1
    assert [i for i in found.insights if i.payload["object"] == "post"] == []
    moved = replace(known, posts={**read, ids[1]: replace(read[ids[1]], answers=0)})
    again = scan(house, LinkedIn, [replace(account, ledger=moved)])
    assert again.threads == ids
    # the reading whose answers moved will be stored, so its shares are asked for; its insights are
    # not due for that
    assert ["shareStatistics" in p.payload for p in again.posts] == [False, True]
    assert [i for i in again.insights if i.payload["object"] == "post"] == []
    house.world.said = [m for m in house.world.said if m.parent_id != old.message_id]
    emptied = scan(house, LinkedIn, [replace(account, ledger=known)])
    assert ids[1] in emptied.threads


def test_insights_have_the_common_shape(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=1, every=timedelta(days=2))
    found = scan(house, LinkedIn, [account])
    assert all(i.payload.keys() == INSIGHT_KEYS for i in found.insights)
    post = {i.payload["metric"]: i for i in found.insights if i.payload["object"] == "post"}
    assert set(post) == {"impressionCount", "uniqueImpressionsCount", "clickCount"}
    one = post["uniqueImpressionsCount"]
    assert one.item_id == f"{found.posts[0].item_id}/uniqueImpressionsCount/lifetime/2026-09-30"
    assert (one.payload["period"], one.payload["end_time"]) == ("lifetime", None)
    of_page = [i for i in found.insights if i.payload["object"] == "account"]
    ends = sorted({i.payload["end_time"] for i in of_page})
    assert ends[-1] == datetime(2026, 9, 30, tzinfo=UTC).timestamp() * 1000  # whole days only
    assert ends[0] == datetime(2026, 9, 1, tzinfo=UTC).timestamp() * 1000
    assert "organicFollowerGain" in {i.payload["metric"] for i in of_page}
    assert {i.payload["object_id"] for i in of_page} == {None}


def test_statistics_end_a_year_back(house: SimpleNamespace) -> None:
    account = house.world.page(1)
    asked = Window.between(date(2025, 9, 20), date(2025, 10, 5), NOW.date())
    found = scan(house, LinkedIn, [account], asked)
    first = min(i.payload["end_time"] for i in found.insights)
    assert first >= datetime(2025, 9, 30, tzinfo=UTC).timestamp() * 1000
    [end] = [o for o in found.ends if o.stream == "insights"]
    assert end.observed_since == datetime(2025, 9, 30, tzinfo=UTC)
    assert end.detail == "LinkedIn tells a page's days since 2025-09-30 only."
    older = Window.between(date(2025, 7, 1), date(2025, 7, 31), NOW.date())
    house.sandbox.requests.clear()
    found = scan(house, LinkedIn, [account], older)
    assert found.insights == []
    [end] = [o for o in found.ends if o.stream == "insights"]
    assert (end.status, end.observed_since) == ("ok", older.until) and end.detail
    assert calls(house, "organizationalEntityShareStatistics") == 0
    [end] = [o for o in scan(house, LinkedIn, [account]).ends if o.stream == "insights"]
    assert (end.observed_since, end.detail) == (None, "")


def test_tier_and_window_say_what_is_read(house: SimpleNamespace) -> None:
    account = replace(house.world.page(1, posts=1), access_tier="T0")
    assert set(scan(house, LinkedIn, [account]).outcomes) == {("body1-linkedin", "profiles")}
    assert sum(house.sandbox.requests.values()) == 2  # the platform's counter and the path's
    only = replace(WINDOW, streams=frozenset({"messages"}))
    found = scan(house, LinkedIn, [replace(account, access_tier="T2")], only)
    assert (found.profiles, found.posts) == ([], [])


def test_a_handle_is_looked_up(house: SimpleNamespace) -> None:
    account = replace(house.world.page(1, posts=1), platform_user_id=None)
    assert scan(house, LinkedIn, [account]).profiles[0].item_id == "1001"
    stranger = replace(account, handle="niemand-hier")
    ends = scan(house, LinkedIn, [stranger]).outcomes.values()
    assert set(ends) == {("gone", "account_not_found")}
    # an id in the place of the name needs no look-up
    house.sandbox.requests.clear()
    scan(house, LinkedIn, [replace(account, handle="1001")])
    assert calls(house, "organizations") == 0


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("token_expired", ("refused", "token_expired")),
        ("permission", ("refused", "permission")),
        ("not_found", ("gone", "account_not_found")),
    ],
)
def test_an_error_of_one_page_concerns_only_that_page(
    house: SimpleNamespace, kind: str, end: tuple[str, str]
) -> None:
    accounts = [house.world.page(n, posts=1) for n in (1, 2, 3)]
    house.sandbox.faults.add("linkedin", kind, "networkSizes", "1002")
    found = scan(house, LinkedIn, accounts)
    hit = {key for key, value in found.outcomes.items() if value == end}
    assert hit == {("body2-linkedin", s) for s in LinkedIn.streams}
    assert sum(value == OK for value in found.outcomes.values()) == 2 * 4


def test_statistics_that_are_withheld_cost_the_statistics_only(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=2)
    house.sandbox.faults.add("linkedin", "permission", "ShareStatistics")
    found = scan(house, LinkedIn, [account])
    assert found.outcomes["body1-linkedin", "insights"] == ("refused", "permission")
    assert found.outcomes["body1-linkedin", "posts"] == OK
    assert ["shareStatistics" in p.payload for p in found.posts] == [False, False]


def test_half_a_stream_is_no_stream(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=1)
    post = newest(house)
    house.world.say(1_001, post.created_at + timedelta(minutes=1), post, OPEN)
    house.sandbox.faults.add("linkedin", "server_error", "comments", times=4)
    found = scan(house, LinkedIn, [account])
    assert found.outcomes["body1-linkedin", "messages"] == ("failed", "server_error")
    assert found.outcomes["body1-linkedin", "posts"] == OK
    assert (found.messages, found.threads) == ([], [])


@pytest.mark.parametrize(("kind", "is_midnight"), [("throttle", False), ("quota_spent", True)])
def test_throttling_is_raised_after_what_is_complete(
    house: SimpleNamespace, kind: str, is_midnight: bool
) -> None:
    accounts = [house.world.page(n, posts=1) for n in (1, 2, 3)]
    house.sandbox.faults.add("linkedin", kind, "/rest/posts", "1002")
    events = []
    with pytest.raises(Throttled) as raised:
        for event in connector(house, LinkedIn).extract(accounts, WINDOW):
            events.append(event)
    # the same token serves all of them: nobody is asked any more
    assert {e.account_id for e in events} == {"body1-linkedin"}
    assert len(sort(events).outcomes) == 4
    now = datetime.now(UTC)
    back = raised.value.retry_at
    if is_midnight:
        assert back == datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
    else:
        assert timedelta(seconds=50) < back - now <= timedelta(seconds=60)
    assert "sandbox-token" not in str(raised.value)


def test_a_limit_is_that_of_one_token(house: SimpleNamespace) -> None:
    accounts = [house.world.page(n) for n in (1, 2, 3)]
    house.sandbox.faults.add("linkedin", "throttle", "networkSizes", "1001")
    source = connector(house, LinkedIn)
    source._owner_token = lambda _platform, name: "sandbox-token" if name[4] != "2" else None
    source.client._http.headers["Authorization"] = "Bearer sandbox-token"
    events = []
    with pytest.raises(Throttled):
        for event in source.extract(accounts, WINDOW):
            events.append(event)
    assert {e.account_id for e in events} == {"body2-linkedin"}


def test_the_first_token_that_is_back_decides(house: SimpleNamespace) -> None:
    accounts = [house.world.page(n) for n in (1, 2)]
    house.sandbox.faults.add("linkedin", "throttle", "networkSizes", "1001")
    house.sandbox.faults.add("linkedin", "quota_spent", "networkSizes", "1002")
    source = connector(house, LinkedIn)
    source._owner_token = lambda _platform, name: name
    with pytest.raises(Throttled) as raised:
        list(source.extract(accounts, WINDOW))
    assert raised.value.retry_at - datetime.now(UTC) <= timedelta(seconds=60)


def test_a_repeated_page_is_reported_and_an_empty_last_one_ends(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=150)
    house.sandbox.faults.add("linkedin", "repeated_page", "/rest/posts", "start=100")
    found = scan(house, LinkedIn, [account])
    assert found.outcomes["body1-linkedin", "posts"] == ("failed", "repeated_page")
    assert found.posts == []
    house.sandbox.faults.add("linkedin", "empty_last_page", "/rest/posts", "start=100")
    assert len(scan(house, LinkedIn, [account]).posts) == 150


def test_a_sunset_version_is_named(house: SimpleNamespace) -> None:
    account = house.world.page(1)
    house.sandbox.set_clock(datetime(2028, 1, 1, tzinfo=UTC))
    found = scan(house, LinkedIn, [account])
    assert set(found.outcomes.values()) == {("failed", "version_sunset")}
    assert "renew VERSIONS" in found.ends[0].detail


def test_no_person_and_no_text_is_kept(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=1)
    post = newest(house)
    text = "Dag, ik ben Roos Vermeiren. Hoe laat?"
    house.world.say(1_001, post.created_at + timedelta(minutes=1), post, OPEN, text=text)
    house.world.say(1_001, NOW - timedelta(minutes=9), kind="repost", text="")
    found = scan(house, LinkedIn, [account])
    kept = [
        minimise(item, LinkedIn.fields[item.stream], "linkedin", "key")
        for item in (*found.profiles, *found.posts, *found.messages, *found.insights)
    ]
    stored = repr(kept)
    for secret in ("Roos", "person", "6acfc3", "Hoe laat", "sandbox-token"):
        assert secret not in stored
    comment = next(payload for name, payload in kept if name.startswith("urn:li:comment"))
    assert comment["klankbord"]["is_question"] is True
    assert set(comment) == {"commentUrn", "created", "post_id", "klankbord"}
    assert set(comment["created"]) == {"time"}
    shared = found.posts[0].payload["reshareContext"]["parent"]
    assert shared not in stored and len(kept[1][1]["reshareContext"]["parent"]) == 32


def test_the_route_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert route_name() == "community"
    monkeypatch.setenv("KLANKBORD_LINKEDIN_ROUTE", "scrape")
    with pytest.raises(SettingsError, match="community or dma"):
        route_name()
    assert settings.NAMES["KLANKBORD_LINKEDIN_ROUTE"][0] in linkedin_answers.VERSIONS


def answer(status: int, **body: object) -> httpx.Response:
    return httpx.Response(status, json=body)


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (429, {"serviceErrorCode": 101}, Kind.THROTTLED, "throttled"),
        (401, {"serviceErrorCode": 65602}, Kind.REFUSED, "token_expired"),
        (400, {"code": "REVOKED_ACCESS_TOKEN"}, Kind.REFUSED, "token_expired"),
        (403, {"serviceErrorCode": 100, "code": "ACCESS_DENIED"}, Kind.REFUSED, "permission"),
        (404, {"code": "RESOURCE_NOT_FOUND"}, Kind.GONE, "account_not_found"),
        (426, {"code": "NONEXISTENT_VERSION"}, Kind.BAD_REQUEST, "version_sunset"),
        (400, {"code": "ILLEGAL_ARGUMENT"}, Kind.BAD_REQUEST, "bad_request"),
        (503, {}, Kind.RETRY, "server_error"),
    ],
)
def test_codes(status: int, body: dict[str, object], kind: Kind, reason: str) -> None:
    verdict = classify(answer(status, **body, message="Jan Janssens may not"))
    assert (verdict.kind, verdict.reason) == (kind, reason)
    assert "Jan" not in verdict.detail


def test_answers_that_are_no_linkedin_error() -> None:
    assert classify(httpx.Response(502, text="<html>")).kind is Kind.RETRY
    assert classify(httpx.Response(400, json=["no"])).kind is Kind.BAD_REQUEST
    told = httpx.Response(429, headers={"retry-after": "120"}, json={"message": "a DAY limit"})
    wait = classify(told).retry_at - datetime.now(UTC)
    assert timedelta(seconds=110) < wait <= timedelta(seconds=120)


def test_versions_warn_before_they_end() -> None:
    for route, version in VERSIONS.items():
        assert len(version.name) == 6
        # a version is supported for a year
        released = date(int(version.name[:4]), int(version.name[4:]), 1)
        assert timedelta(days=360) < version.sunset_on - released < timedelta(days=400)
        soon = version.sunset_on - timedelta(days=60)
        assert version_warning(route, soon - timedelta(days=1)) is None
        assert "from" in version_warning(route, soon)
        assert "since" in version_warning(route, version.sunset_on)


def test_an_extraction_warns_of_its_version(
    house: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    late = replace(WINDOW, scan_on=VERSIONS["community"].sunset_on)
    list(connector(house, LinkedIn).extract([], late))
    assert VERSIONS["community"].name in caplog.text


@given(st.text())
def test_little_text_reads_as_it_was_written(text: str) -> None:
    words = text.split(" ")
    if any(w.startswith("#") and not w.lstrip("#").rstrip(".,!?").isalnum() for w in words):
        assert plain_text(little(text)) is not None
    else:
        assert plain_text(little(text)) == text


def test_little_text_of_the_documentation() -> None:
    written = r"Kom \(gratis\) langs bij @[Stad Gent](urn:li:organization:5) {hashtag|\#|feest}!"
    assert plain_text(written) == "Kom (gratis) langs bij @Stad Gent #feest!"
    assert (
        plain_text("{hashtag|＃|feest} en @[An \\[x\\]](urn:li:person:aB-9)") == "#feest en @An [x]"
    )


@given(st.lists(st.text(min_size=1), max_size=5))
def test_lists_arrive_as_they_were_sent(values: list[str]) -> None:
    assert Query({"ids": listed(values)}).items("ids") == values
