"""LinkedIn by the DMA: one call a minute, 48 hours behind, members who did not consent."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.page_world import NOW, OK, OPEN, SHY, WINDOW, connector, scan, serving, sort

from klankbord.platforms.base import Account
from klankbord.platforms.events import Outcome, ThreadRead
from klankbord.platforms.ledger import Ledger, Reading
from klankbord.platforms.linkedin import LinkedIn
from klankbord.platforms.linkedin_answers import count_of
from klankbord.platforms.linkedin_dma import LATE, Dma
from klankbord.platforms.linkedin_resume import FOLDER
from klankbord.privacy import minimise
from klankbord.sandbox.linkedin_pages import Pages, missing
from klankbord.verdicts import Throttled

FEED = "linkedin GET /rest/dmaFeedContentsExternal"
UNTIL = NOW - timedelta(hours=48)


@pytest.fixture(scope="module")
def running() -> Iterator[SimpleNamespace]:
    with serving("linkedin") as house:
        yield house


@pytest.fixture
def house(
    running: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> SimpleNamespace:
    """An empty world; `minutes` is the clock of the one call a minute, which stands still."""
    monkeypatch.setenv("KLANKBORD_LINKEDIN_ROUTE", "dma")
    monkeypatch.setenv("KLANKBORD_NOW", NOW.isoformat())
    monkeypatch.setenv("KLANKBORD_HOME", str(tmp_path))
    running.world.accounts.clear()
    running.world.said.clear()
    running.sandbox.faults.clear()
    running.sandbox.requests.clear()
    running.sandbox.set_clock(NOW)
    # every fixture begins a day later than the one before it
    running.start = getattr(running, "start", 0.0) + 86_400
    running.minutes = 0
    running.sandbox.linkedin_clock = lambda: running.start + 60 * running.minutes
    running.home = tmp_path
    return running


def visits(house: SimpleNamespace, accounts: list[Account], most: int = 40) -> SimpleNamespace:
    """Scans, a minute later each time, until none is throttled. `visits` says how many it took."""
    events = []
    for visit in range(1, most):
        done = {e.account_id for e in events}
        left = [a for a in accounts if a.account_id not in done]
        try:
            events += list_until_throttled(house, left, events)
            found = sort(events)
            found.visits = visit
            return found
        except Throttled as error:
            assert error.retry_at - datetime.now(UTC) <= timedelta(seconds=60)
            house.minutes += 1
    raise AssertionError("it never ended")


def list_until_throttled(house: SimpleNamespace, accounts: list[Account], events: list) -> list:
    """What a new process reads; what it yields before it is throttled is kept in `events`."""
    for event in connector(house, LinkedIn).extract(accounts, WINDOW):
        events.append(event)
    return []


def test_the_same_items_as_the_other_way(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = house.world.page(1, posts=3, every=timedelta(days=5))
    for post in house.world.own(house.world.accounts[1_001], WINDOW.since, NOW):
        question = house.world.say(1_001, post.created_at + timedelta(hours=1), post, OPEN)
        house.world.say(1_001, post.created_at + timedelta(hours=3), question)
    found = visits(house, [account])
    assert set(found.outcomes.values()) == {OK}
    monkeypatch.setenv("KLANKBORD_LINKEDIN_ROUTE", "community")
    other = scan(house, LinkedIn, [account])
    for stream in ("posts", "messages"):
        for ours, theirs in zip(getattr(found, stream), getattr(other, stream), strict=True):
            kept, reference = (
                minimise(item, LinkedIn.fields[stream], "linkedin", "key")
                for item in (ours, theirs)
            )
            kept[1].pop("contentAnalytics", None)
            reference[1].pop("shareStatistics", None)
            assert kept == reference
            assert (ours.created_at, ours.answers) == (theirs.created_at, theirs.answers)
            assert (ours.thread_id, ours.is_reply) == (theirs.thread_id, theirs.is_reply)
    assert [p.payload["contentAnalytics"]["REPOSTS"] for p in found.posts] == [3, 3, 3]
    names = {i.payload["metric"] for i in other.insights}
    assert names - {i.payload["metric"] for i in found.insights} == {
        "organicFollowerGain",
        "paidFollowerGain",
    }
    assert {i.payload["metric"] for i in found.insights} <= names
    # followers are 48 hours old, and their number is the list's own total
    assert found.profiles[0].payload["followers"] == 4_998
    assert found.profiles[0].payload["counted_by"] == "dmaOrganizationalPageFollows"


def test_a_scan_is_several_visits_and_nobody_sleeps(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=3, every=timedelta(days=5))
    for post in house.world.own(house.world.accounts[1_001], WINDOW.since, NOW):
        house.world.say(1_001, post.created_at + timedelta(hours=1), post, OPEN)
    found = visits(house, [account])
    # one list of posts and one for each of three threads, each asked once
    assert house.sandbox.requests[FEED] == 4 + 3  # and three times told to wait
    assert found.visits == 4
    # what is not limited is asked for when nothing has to be waited for any more
    assert house.sandbox.requests["linkedin GET /rest/dmaOrganizationalPageContentAnalytics"] == 4
    assert house.sandbox.requests["linkedin GET /rest/dmaComments"] == 3
    assert len(found.messages) == 3
    assert list((house.home / FOLDER).rglob("*.json")) == []  # nothing is left behind


def test_what_is_remembered_between_visits_holds_nobody(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=2, every=timedelta(days=5))
    for post in house.world.own(house.world.accounts[1_001], WINDOW.since, NOW):
        house.world.say(1_001, post.created_at + timedelta(hours=1), post, OPEN, text="Van Roos?")
    with pytest.raises(Throttled):
        list(connector(house, LinkedIn).extract([account], WINDOW))
    (kept,) = (house.home / FOLDER).rglob("*.json")
    text = kept.read_text()
    assert json.loads(text)["followers"] == 4_998
    for secret in ("Roos", "person", "sandbox-token"):
        assert secret not in text
    kept.write_text("{")  # a visit that was cut off begins again
    house.minutes += 1
    assert visits(house, [account]).outcomes["body1-linkedin", "messages"] == OK


def test_another_day_forgets_the_visits_of_the_last(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=1, every=timedelta(days=5))
    old = house.home / FOLDER / "2026-09-29_20260831"
    old.mkdir(parents=True)
    (old / "body1-linkedin.json").write_text('{"followers": 1}')
    assert visits(house, [account]).profiles[0].payload["followers"] == 4_998
    assert not old.exists()


def test_nothing_is_claimed_of_the_last_48_hours(house: SimpleNamespace) -> None:
    account = house.world.page(1)
    for hours in (47, 49):
        post = house.world.say(1_001, NOW - timedelta(hours=hours))
        house.world.say(1_001, NOW - timedelta(hours=hours - 3), post, OPEN)
    found = visits(house, [account])
    assert [p.created_at for p in found.posts] == [NOW - timedelta(hours=49)]
    assert found.messages == []  # the comment is 46 hours old
    ends = {o.stream: getattr(o, "observed_until", None) for o in found.ends}
    assert ends == {"profiles": None, "posts": UNTIL, "messages": UNTIL, "insights": None}


def test_a_later_visit_does_not_stretch_what_the_first_one_listed(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = house.world.page(1, posts=1, every=timedelta(days=5))
    post = house.world.own(house.world.accounts[1_001], WINDOW.since, NOW)[0]
    house.world.say(1_001, post.created_at + timedelta(hours=1), post, OPEN)
    with pytest.raises(Throttled):
        list(connector(house, LinkedIn).extract([account], WINDOW))
    later = NOW + timedelta(minutes=90)
    monkeypatch.setenv("KLANKBORD_NOW", later.isoformat())
    house.minutes += 1
    events = list(connector(house, LinkedIn).extract([account], replace(WINDOW, until=later)))
    ends = {e.stream: getattr(e, "observed_until", None) for e in events if isinstance(e, Outcome)}
    assert ends["posts"] == UNTIL


def test_a_backfill_of_long_ago_is_complete(house: SimpleNamespace) -> None:
    account = house.world.page(1)
    past = replace(WINDOW, until=NOW - timedelta(days=5), streams=frozenset({"posts"}))
    (end,) = (
        e for e in connector(house, LinkedIn).extract([account], past) if isinstance(e, Outcome)
    )
    assert (end.status, getattr(end, "observed_until", None)) == ("ok", None)


def test_who_did_not_consent_has_no_pseudonym(house: SimpleNamespace) -> None:
    assert (SHY.user_id % 3, OPEN.user_id % 3) == (0, 1)  # 0: does not consent in the sandbox
    account = house.world.page(1, posts=1, every=timedelta(days=5))
    post = house.world.own(house.world.accounts[1_001], WINDOW.since, NOW)[0]
    for minute, author in ((1, SHY), (2, OPEN)):
        house.world.say(1_001, post.created_at + timedelta(minutes=minute), post, author)
    hidden, shown = visits(house, [account]).messages
    rules = LinkedIn.fields["messages"]
    stored = [minimise(item, rules, "linkedin", "key")[1] for item in (hidden, shown)]
    assert [s["klankbord"]["author"] is None for s in stored] == [True, False]
    assert [s["klankbord"]["is_own"] for s in stored] == [False, False]
    assert len(stored[1]["klankbord"]["author"]) == 32


def test_more_posts_than_a_page_and_older_ones_not_asked_for(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=260, every=timedelta(hours=10))
    found = visits(house, [account])
    wanted = house.world.own(house.world.accounts[1_001], WINDOW.since, UNTIL)
    assert len(found.posts) == len(wanted) > 60
    assert found.posts[-1].created_at == wanted[-1].created_at
    assert found.visits == 2  # the third page of the list is all too old


def test_an_answer_to_a_comment_is_found(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=1, every=timedelta(days=5))
    post = house.world.own(house.world.accounts[1_001], WINDOW.since, NOW)[0]
    asked = house.world.say(1_001, post.created_at + timedelta(hours=1), post, OPEN)
    house.world.say(1_001, post.created_at + timedelta(hours=2), asked)
    for minute in (1, 2, 3):
        house.world.say(1_001, post.created_at + timedelta(minutes=minute), post, OPEN)
    found = visits(house, [account])
    by_parent = ["parentComment" in m.payload for m in found.messages]
    assert (len(by_parent), by_parent.count(True)) == (5, 1)
    assert found.visits == 3  # posts, the post's comments, the one comment that was answered
    assert [e for e in found.events if isinstance(e, ThreadRead)]


def test_a_list_that_holds_the_answers_too_is_not_asked_for_them(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = house.world.page(1, posts=1, every=timedelta(days=5))
    post = house.world.own(house.world.accounts[1_001], WINDOW.since, NOW)[0]
    asked = house.world.say(1_001, post.created_at + timedelta(hours=1), post, OPEN)
    house.world.say(1_001, post.created_at + timedelta(hours=2), asked)

    def all_of_them(self: Pages, urn: str, until: datetime) -> tuple:
        page, message = self.post(urn)
        return page, self.world.thread(page, message.message_id, until)[1:]

    monkeypatch.setattr(Pages, "comments", all_of_them)
    found = visits(house, [account])
    assert (len(found.messages), found.visits) == (2, 2)


def test_an_answer_is_found_where_the_list_still_holds_a_deleted_comment(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list has as many comments as the post has answers of both kinds by now."""
    account = house.world.page(1, posts=1, every=timedelta(days=5))
    post = house.world.own(house.world.accounts[1_001], WINDOW.since, NOW)[0]
    asked = house.world.say(1_001, post.created_at + timedelta(hours=1), post, OPEN)
    house.world.say(1_001, post.created_at + timedelta(hours=2), asked)
    deleted = house.world.say(1_001, post.created_at + timedelta(hours=3), post, OPEN)
    for name in ("thread", "answers"):
        real = getattr(house.world, name)

        def alive(
            page: object, number: int, until: datetime, real: Callable[..., Any] = real
        ) -> list:
            found = real(page, number, until)
            return [m for m in found if m is not deleted or until <= UNTIL]

        monkeypatch.setattr(house.world, name, alive)
    found = visits(house, [account])
    assert ["parentComment" in m.payload for m in found.messages] == [False, True]
    assert found.visits == 3  # nothing is asked about the deleted one


def test_a_comment_deleted_between_two_visits_costs_its_answers_only(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = house.world.page(1, posts=1, every=timedelta(days=5))
    post = house.world.own(house.world.accounts[1_001], WINDOW.since, NOW)[0]
    for minute in (1, 2):
        asked = house.world.say(1_001, post.created_at + timedelta(minutes=minute), post, OPEN)
        house.world.say(1_001, asked.created_at + timedelta(hours=2), asked)
    real = Pages.comments

    def gone(self: Pages, urn: str, until: datetime) -> tuple:
        if urn.endswith(f",{asked.message_id})"):
            raise missing()
        return real(self, urn, until)

    monkeypatch.setattr(Pages, "comments", gone)
    found = visits(house, [account])
    assert found.outcomes["body1-linkedin", "messages"] == OK
    assert len(found.messages) == 3
    monkeypatch.setattr(Pages, "comments", lambda *_: gone(Pages, f",{asked.message_id})", NOW))
    again = visits(house, [account])
    assert again.outcomes["body1-linkedin", "messages"] == ("failed", "deleted_meanwhile")


def test_a_late_comment_on_an_old_post_is_awaited(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It moves the counter on the day it is written and is listed two days later."""
    account = house.world.page(1, posts=1, every=timedelta(days=20))
    post = house.world.own(house.world.accounts[1_001], WINDOW.since, NOW)[0]
    house.world.say(1_001, NOW - timedelta(days=1), post, OPEN)
    name = next(iter(visits(house, [account]).posts)).item_id

    def messages(days: int, read_at: datetime) -> int:
        """At a scan so many days later, when one answer was last counted at `read_at`."""
        now = NOW + timedelta(days=days)
        monkeypatch.setenv("KLANKBORD_NOW", now.isoformat())
        house.sandbox.set_clock(now)
        house.start += 86_400
        scanned = now - timedelta(days=1)
        ledger = Ledger(
            {name: Reading(post.created_at, read_at, 1)}, scanned, scanned, scanned, None
        )
        window = replace(WINDOW, until=now, streams=frozenset({"messages"}))
        one = replace(account, ledger=ledger)
        for _ in range(9):
            try:
                found = sort(list(connector(house, LinkedIn).extract([one], window)))
            except Throttled:
                house.minutes += 1
            else:
                return len(found.messages)
        raise AssertionError("it never ended")

    assert messages(2, NOW) == 1  # counted at NOW, listed a day after the scan of tomorrow
    assert messages(4, NOW) == 0  # by then a scan has read it


def test_comments_of_which_nothing_is_said_are_asked(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = house.world.page(1, posts=1, every=timedelta(days=5))
    post = house.world.own(house.world.accounts[1_001], WINDOW.since, NOW)[0]
    asked = house.world.say(1_001, post.created_at + timedelta(hours=1), post, OPEN)
    house.world.say(1_001, post.created_at + timedelta(hours=2), asked)
    real = Pages.metadata

    def of_posts_only(self: Pages, urn: str) -> dict:
        if ":comment:" in urn:
            raise missing()
        return real(self, urn)

    monkeypatch.setattr(Pages, "metadata", of_posts_only)
    assert len(visits(house, [account]).messages) == 2


def test_a_cursor_that_leads_nowhere_is_reported(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=120, every=timedelta(hours=4))
    # the first of them is told to wait, which uses a fault up
    house.sandbox.faults.add("linkedin", "repeated_page", "dmaFeed", "paginationCursor", times=2)
    found = visits(house, [account])
    assert found.outcomes["body1-linkedin", "posts"] == ("failed", "repeated_page")


def test_an_empty_last_page_ends(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=120, every=timedelta(hours=4))
    house.sandbox.faults.add("linkedin", "empty_last_page", "dmaFeed", "paginationCursor", times=2)
    found = visits(house, [account])
    assert found.outcomes["body1-linkedin", "posts"] == OK
    assert len(found.posts) == 120 - 12  # those of the last 48 hours are not listed yet


def test_analytics_that_are_withheld_cost_the_analytics_only(house: SimpleNamespace) -> None:
    account = house.world.page(1, posts=2, every=timedelta(days=3))
    house.sandbox.faults.add("linkedin", "permission", "ContentAnalytics")
    found = visits(house, [account])
    assert found.outcomes["body1-linkedin", "insights"] == ("refused", "permission")
    assert found.outcomes["body1-linkedin", "posts"] == OK
    assert ["contentAnalytics" in p.payload for p in found.posts] == [False, False]


def test_people_who_saw_a_post_twice_are_not_added_up(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = house.world.page(1, posts=1, every=timedelta(days=3))
    parts = [("UNIQUE_IMPRESSIONS", 7, 1), ("CLICKS", 2, 1)]
    monkeypatch.setattr(Dma, "_trend", lambda *_: iter(parts * 2))
    only = replace(WINDOW, streams=frozenset({"posts"}))
    (post,) = sort(list(connector(house, LinkedIn).extract([account], only))).posts
    assert post.payload["contentAnalytics"] == {"CLICKS": 4}
    monkeypatch.setattr(Dma, "_trend", lambda *_: iter(parts))
    house.minutes += 1
    (post,) = sort(list(connector(house, LinkedIn).extract([account], only))).posts
    assert post.payload["contentAnalytics"] == {"UNIQUE_IMPRESSIONS": 7, "CLICKS": 2}


def test_a_page_that_is_gone(house: SimpleNamespace) -> None:
    account = house.world.page(1)
    gone = [replace(account, platform_user_id="1999"), replace(account, platform_user_id=None)]
    house.world.accounts.clear()
    for one in gone:
        found = sort(list(connector(house, LinkedIn).extract([one], WINDOW)))
        assert set(found.outcomes.values()) == {("gone", "account_not_found")}


@pytest.mark.parametrize(
    ("count", "number"),
    [(5, 5), ({"long": 5}, 5), ({"bigDecimal": "0.25"}, 0.25), ({}, None), (None, None)],
)
def test_counts(count: object, number: float | None) -> None:
    assert count_of(count) == number


def test_the_lateness_is_the_documented_one() -> None:
    assert timedelta(hours=48) == LATE
