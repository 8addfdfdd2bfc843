"""What goes wrong out there: each time what is missing has a reason, and the next run mends it.

One small house for all of them, a day for each. Whatever broke on a day, in the end the day holds
row for row what it holds when nothing breaks; the last test builds on all these days, and what is
published is the truth.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from klankbord import benchmark, database, extraction, landing, roster
from klankbord.database.service import cluster
from klankbord.errors import DatabaseError, GateError
from klankbord.http import Client
from klankbord.platforms import bluesky, facebook, mastodon_servers
from klankbord.sandbox.model import WorldAccount
from klankbord.sandbox.truth import Truth
from klankbord.warehouse import BuildError
from klankbord.windows import window_of
from tests.databases import new_warehouse
from tests.pipeline import days
from tests.pipeline.days import STREAMS, accounts, but, endings, mend, place, tomorrow
from tests.pipeline.house import NOW, House, open_house
from tests.pipeline.registers import some_bodies
from tests.pipeline.test_known_answers import differences

EVER = 10_000  # strikes, where a fault must strike to the end of the scan
TRIES = 4  # of the client, before it gives up
AFTER_PROFILES, MESSAGES = ("posts", "messages", "insights"), ("messages",)
POSTS = ("posts",)


@pytest.fixture(scope="module")
def house(postgres: database.Access) -> Iterator[House]:
    with (
        new_warehouse(postgres) as access,
        open_house(access, only=some_bodies(2), now=NOW - timedelta(days=20)) as opened,
    ):
        yield opened


@pytest.fixture(autouse=True)
def impatient(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A client that hardly waits, a sandbox that is silent longer; no fault outlives its test."""
    monkeypatch.setattr(extraction, "Client", partial(Client, backoff_seconds=0.0, timeout=0.7))
    monkeypatch.setattr(house.sandbox, "timeout_seconds", 1.5)
    yield
    house.sandbox.faults.clear()


def strike(house: House, kind: str, platform: str, path: str, **more) -> None:
    house.sandbox.faults.add(platform, kind, path, **more)


THROTTLED = {
    # platform: (kind, reason, least and most minutes to wait)
    "usage header in minutes, epoch, ISO 8601, epoch": {
        "facebook": ("throttle", "throttled", 4, 5),
        "x": ("throttle", "throttled", -0.1, 0.1),
        "mastodon": ("throttle", "throttled", 4, 5),
        "bluesky": ("throttle", "throttled", 4, 5),
    },
    "Graph's 400 without a time, X's spent money": {
        "facebook": ("throttle_400", "throttled", 14, 15),
        "x": ("quota_spent", "usage_capped", 60, 45_000),
    },
}


@pytest.mark.parametrize("plan", THROTTLED.values(), ids=THROTTLED)
def test_a_throttled_platform_says_when_to_come_back(house, plan):
    whole = tomorrow(house)
    wrong = []
    for platform, (kind, reason, *_) in plan.items():
        third, *rest = accounts(house, platform)[2:]
        strike(house, kind, platform, {"x": "/tweets"}.get(platform, ""), account=place(third))
        # Mastodon's server answered for the profile, X for all of its batch: that stays
        known = platform in ("mastodon", "x")
        wrong.append((third, AFTER_PROFILES if known else STREAMS, "failed", reason))
        unread = AFTER_PROFILES if platform == "x" else STREAMS
        wrong += [(account, unread, "failed", reason) for account in rest]
    before = datetime.now(UTC)
    found = house.scan()
    assert endings(house) == but(house, *wrong)
    days.assert_kept_what_is_ok(house, whole)
    for platform, done in found.items():
        assert (done.throttled is not None) == (platform in plan), platform
        if done.throttled:
            _, _, least, most = plan[platform]
            wait = (done.throttled.retry_at - before).total_seconds() / 60
            assert least <= wait <= most + 0.5, f"{platform} names {wait} minutes"
    mend(house, whole)


@pytest.mark.parametrize("kind", ["server_error", "timeout", "cut_json"])
def test_what_passes_is_asked_again_at_once(house, kind):
    whole = tomorrow(house)
    for platform in ("facebook", "x", "mastodon", "bluesky"):
        strike(house, kind, platform, "")
        strike(house, kind, platform, "", account=place(accounts(house, platform)[1]))
    house.scan()
    assert house.sandbox.faults.waiting() == [], "each of them struck"
    assert endings(house) == days.all_ok(house)
    assert days.landed(house) == whole


def test_what_lasts_costs_the_stream_of_the_account_that_it_strikes(house):
    whole = tomorrow(house)
    lasting = {"times": TRIES}
    wrong = []
    for platform, paths in {
        # (path, streams that need it) for the first, second and third account
        "facebook": [("", STREAMS)] * 3,
        "x": [("/tweets", POSTS), ("/mentions", MESSAGES), ("/tweets", POSTS)],
        "mastodon": [("/statuses", AFTER_PROFILES)] * 3,
        "bluesky": [
            ("getAuthorFeed", AFTER_PROFILES),
            ("getPostThread", MESSAGES),
            ("getAuthorFeed", AFTER_PROFILES),
        ],
    }.items():
        kinds = (("server_error", ""), ("timeout", ""), ("cut_json", "malformed_answer"))
        for account, (path, streams), (kind, reason) in zip(
            accounts(house, platform), paths, kinds, strict=False
        ):
            strike(house, kind, platform, path, account=place(account), **lasting)
            wrong.append((account, streams, "failed", reason or kind))
    house.scan()
    assert endings(house) == but(house, *wrong)
    days.assert_kept_what_is_ok(house, whole)
    mend(house, whole)


def test_a_call_for_many_accounts_that_fails_costs_these_accounts(house):
    whole = tomorrow(house)
    strike(house, "server_error", "x", "/2/users", times=TRIES)
    strike(house, "cut_json", "bluesky", "getProfiles", times=TRIES)
    house.scan()
    wrong = [(a, STREAMS, "failed", "server_error") for a in accounts(house, "x")]
    wrong += [(a, STREAMS, "failed", "malformed_answer") for a in accounts(house, "bluesky")]
    assert endings(house) == but(house, *wrong)
    days.assert_kept_what_is_ok(house, whole)
    mend(house, whole)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So small that the accounts of a small house have several."""
    for module, name, size in (
        (facebook, "POSTS", 10),
        (facebook, "NESTED_COMMENTS", 2),
        (facebook, "COMMENTS", 2),
        (mastodon_servers, "PAGE_SIZE", 5),
        (bluesky, "POSTS_PER_PAGE", 10),
    ):
        monkeypatch.setattr(module, name, size)


def test_a_repeated_page_is_no_end_and_an_empty_last_page_is_one(house, small_pages):
    whole = tomorrow(house)
    wrong = []
    # a second page: where its address is the first one's, it differs by the cursor. X lists two
    # days, which are never two pages here: tests/platforms/test_x.py
    for platform, path, cursor in (
        ("facebook", "/published_posts", ""),
        ("mastodon", "/statuses", "max_id"),
        ("bluesky", "getAuthorFeed", "cursor"),
    ):
        first, second = accounts(house, platform)[:2]
        mark = {
            "facebook": place(first),
            "bluesky": f"{place(first)}&filter=posts_with_replies&limit=10&cursor",
        }.get(platform, cursor)
        path = path if platform in ("facebook", "bluesky") else f"{place(first)}{path}"
        strike(house, "repeated_page", platform, path, account=mark)
        wrong.append((first, AFTER_PROFILES, "failed", "repeated_page"))
        strike(house, "empty_last_page", platform, "", account=place(second), times=EVER)
    # comments are pages too
    third = accounts(house, "facebook")[2]
    strike(house, "repeated_page", "facebook", f"{place(third)}_", account="/comments")
    wrong.append((third, MESSAGES, "failed", "repeated_page"))
    house.scan()
    assert endings(house) == but(house, *wrong)
    days.assert_kept_what_is_ok(house, whole)
    waiting = house.sandbox.faults.waiting()
    assert [fault["kind"] for fault in waiting] == ["empty_last_page"] * 3
    assert all(fault["times"] < EVER for fault in waiting), "each of them struck"
    house.sandbox.faults.clear()
    mend(house, whole)


def test_a_refused_or_lost_account_concerns_nobody_else(house):
    whole = tomorrow(house)
    plan = {
        "facebook": [
            ("token_expired", "", STREAMS, "refused", "token_expired"),
            ("permission", "", STREAMS, "refused", "permission"),
            ("not_found", "", STREAMS, "gone", "account_not_found"),
        ],
        "x": [
            ("token_expired", "/tweets", POSTS, "refused", "token_expired"),
            ("permission", "/mentions", MESSAGES, "refused", "permission"),
            ("not_found", "/tweets", POSTS, "gone", "account_not_found"),
        ],
        "mastodon": [
            ("token_expired", "/statuses", AFTER_PROFILES, "refused", "token_expired"),
            ("permission", "/statuses", AFTER_PROFILES, "refused", "authorization_required"),
            ("not_found", "/statuses", AFTER_PROFILES, "gone", "account_not_found"),
        ],
        "bluesky": [
            ("token_expired", "getAuthorFeed", AFTER_PROFILES, "refused", "token_expired"),
            ("permission", "getAuthorFeed", AFTER_PROFILES, "refused", "permission"),
            ("not_found", "getAuthorFeed", AFTER_PROFILES, "gone", "account_not_found"),
        ],
    }
    wrong = []
    for platform, cases in plan.items():
        for account, (kind, path, streams, status, reason) in zip(
            accounts(house, platform), cases, strict=False
        ):
            strike(house, kind, platform, path, account=place(account))
            wrong.append((account, streams, status, reason))
    house.scan()
    assert endings(house) == but(house, *wrong)
    days.assert_kept_what_is_ok(house, whole)
    mend(house, whole)


def test_a_shrunken_answer_is_stopped_at_the_gate_and_asked_for_again(house):
    tomorrow(house)
    house.scan()
    whole = tomorrow(house)
    page, server = accounts(house, "facebook")[0], accounts(house, "mastodon")[0]
    strike(house, "shrunken", "facebook", place(page), times=EVER)
    strike(house, "shrunken", "mastodon", "/lookup", account=server.handle)
    # X lists what is new: of that nothing is known to compare with, and the next day lists it once
    # more (tests/budget/test_asking.py). What is missing of the known: tests/pipeline/test_gates.py
    house.scan()
    house.sandbox.faults.clear()
    assert endings(house) == days.all_ok(house), "the platforms themselves see nothing wrong"
    benchmark.run(house.access, "build_staging", tested=False)
    with pytest.raises(GateError) as caught:
        benchmark.run(house.access, "gate_raw")
    said = str(caught.value)
    assert "followers_did_not_collapse" in said
    for account in (page, server):
        assert account.account_id in said
    wrong = [(a, STREAMS, "failed", "quarantined") for a in (page, server)]
    assert endings(house) == but(house, *wrong)
    days.assert_kept_what_is_ok(house, whole)
    mend(house, whole)
    benchmark.run(house.access, "gate_raw")


def test_a_process_killed_between_two_accounts_keeps_the_first(house, monkeypatch):
    whole = tomorrow(house)
    monkeypatch.setattr(house.sandbox, "timeout_seconds", 20.0)
    pages = accounts(house, "facebook")
    strike(house, "timeout", "facebook", place(pages[3]))
    with days.extracting(house, "facebook"):
        done = {account.account_id for account in pages[:3]}
        expected = {key: ok for key, ok in days.all_ok(house).items() if key[0] in done}
        days.wait_for("three accounts", lambda: len(endings(house)) == len(expected))
    assert endings(house) == expected
    assert days.landed(house) == {
        row for row in whole if row[0].startswith("facebook") and row[1] in done
    }
    ended = roster.close_scan(house.access, "facebook", window_of())
    assert ended == {"ok": 3, "no_answer_yet": len(pages) - 3}
    mend(house, whole)


def test_a_process_killed_inside_its_transaction_leaves_nothing(house):
    whole = tomorrow(house)

    def writers() -> list[tuple]:
        return house.rows(
            "select pid from pg_stat_activity where datname = current_database()"
            ' and query like \'insert into "raw"."x_posts"%%\''
        )

    with house.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("lock table raw.x_posts in share mode")  # its insert has to wait
        with days.extracting(house, "x"):
            days.wait_for("a transaction half-way", lambda: bool(writers()))
        assert endings(house) == {}
    days.wait_for("the server to notice", lambda: not writers())
    assert endings(house) == {}
    assert days.landed(house) == set()
    mend(house, whole)


def test_a_restart_of_postgresql_in_mid_landing_loses_what_is_asked_again(house, monkeypatch):
    whole = tomorrow(house)
    monkeypatch.setattr(landing, "ACCOUNTS_PER_COMMIT", 1)
    seen = []

    def restart(account_id: str) -> None:
        seen.append(account_id)
        if len(seen) == 3:
            cluster().restart()

    with pytest.raises(DatabaseError, match="went away"):
        extraction.extract(house.access, "bluesky", on_account=restart)
    # the last of them may have been on its way
    done = {account_id for account_id, _ in endings(house)}
    assert set(seen[:-1]) <= done <= set(seen)
    assert endings(house) == {k: ok for k, ok in days.all_ok(house).items() if k[0] in done}
    assert days.landed(house) == {
        row for row in whole if row[0].startswith("bluesky") and row[1] in done
    }
    mend(house, whole)


def test_after_all_of_this_what_is_published_is_the_truth(house):
    """PostgreSQL restarts in the middle of the build, too."""
    tomorrow(house)
    house.scan()
    benchmark.run(house.access, "build_staging", tested=False)
    with days.restart_in_mid_query(house), pytest.raises(BuildError) as caught:
        benchmark.run(house.access, "build_intermediate", tested=False)
    assert str(caught.value).startswith("dbt build ")
    assert "\n" not in str(caught.value)
    house.build()
    truth = Truth(house.world, house.register, house.scans)
    assert differences(house, truth) == []


def test_a_figure_that_is_missing_says_why_until_the_next_run(warehouse):
    with open_house(warehouse, only=some_bodies(1)) as house:
        refused, lost = accounts(house, "facebook")[0], accounts(house, "mastodon")[0]
        strike(house, "token_expired", "facebook", place(refused))
        strike(house, "not_found", "mastodon", "/lookup", account=lost.handle)
        house.scan()
        house.build(tested=False)
        failed = {(account.account_id, NOW.date()) for account in (refused, lost)}
        truth = Truth(house.world, house.register, house.scans, failed=failed)
        assert differences(house, truth) == []
        assert reasons(house, refused) == {("M03", "refused")}
        assert reasons(house, lost) == {("M03", "not_observed")}
        house.scan()
        house.build(tested=False)
        assert differences(house, Truth(house.world, house.register, house.scans)) == []
        assert reasons(house, refused) == reasons(house, lost) == {("M03", None)}


def reasons(house: House, account: WorldAccount) -> set[tuple[str, str | None]]:
    return set(
        house.rows(
            "select metric_id, missing_reason from published.rpt_organisation_metric"
            " where organisation_id = %s and platform = %s and metric_id = 'M03'"
            " and period_start = '2026-09-01'",
            account.organisation_id,
            account.platform,
            role="klankbord_reader",
        )
    )
