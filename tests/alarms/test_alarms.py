"""Alarms over rows written by hand: what is one, what is none, and what becomes of it."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from klankbord import alarms
from klankbord.alarm_rules import KINDS
from klankbord.alarms import AlarmError
from klankbord.errors import KlankbordError

TODAY = date(2026, 9, 30)
NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
NOBODY = "00000000-0000-0000-0000-000000000000"


class Raw:
    """Writes raw rows and asks for alarms."""

    def __init__(self, access) -> None:
        self.access = access

    def run(self, statement: str, *values) -> list[tuple]:
        with self.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def account(self, platform: str = "x", name: str = "a", synthetic: bool = True) -> None:
        self.run(
            "insert into register.accounts (account_id, organisation_id, platform, handle, role,"
            " access_tier, is_synthetic, basis, source, recorded_at, source_file, source_line)"
            " values (%s, 'o', %s, 'h', 'official', 'T2', %s, 'synthetic', 's', now(), 'f', 1)",
            name,
            platform,
            synthetic,
        )

    def profile(self, days_ago: int, payload: dict, name: str = "a", platform: str = "x") -> None:
        on = TODAY - timedelta(days=days_ago)
        self.run(
            f"insert into raw.{platform}_profiles (account_id, item_id, scan_on, observed_at,"
            " payload, extraction_id) values (%s, %s, %s, %s, %s, %s)",
            name,
            name,
            on,
            NOW,
            json.dumps(payload),
            NOBODY,
        )

    def outcome(
        self,
        days_ago: int,
        status: str = "ok",
        reason: str = "",
        *,
        stream: str = "profiles",
        rows: int = 1,
        detail: str = "said so",
        name: str = "a",
        platform: str = "x",
    ) -> None:
        on = TODAY - timedelta(days=days_ago)
        end = NOW - timedelta(days=days_ago)
        self.run(
            "insert into raw.outcomes values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 1, %s, %s)",
            *(name, platform, stream, on, status, reason, detail, rows),
            *(end - timedelta(days=29), end, end, NOBODY),
        )

    def look(self, kind: str, on: date = TODAY) -> list[tuple[str, str]]:
        found = alarms.check(self.access, kind, on, NOW)
        return [(alarm.account_id, alarm.detail) for alarm in found]


@pytest.fixture
def raw(warehouse, monkeypatch) -> Raw:
    monkeypatch.setenv("KLANKBORD_SANDBOX", "1")
    return Raw(warehouse)


def counted(followers: int) -> dict:
    return {"public_metrics": {"followers_count": followers}}


@pytest.mark.parametrize(
    ("before", "now", "days", "is_alarm"),
    [
        (1000, 1251, 1, True),
        (1000, 749, 7, True),
        (1000, 1250, 1, False),
        (1000, 2000, 8, False),  # no reading within the week
        (100, 201, 1, True),
        (100, 200, 1, False),  # a hundred of so few is no jump
        (0, 101, 1, True),
    ],
)
def test_a_follower_jump(raw, before, now, days, is_alarm):
    raw.profile(days, counted(before))
    raw.profile(0, counted(now))
    expected = [("a", f"{before} -> {now} followers")] if is_alarm else []
    assert raw.look("follower_jump") == expected


def test_an_account_that_says_no_number_is_no_jump(raw):
    raw.profile(1, {"public_metrics": {}})
    raw.profile(0, counted(5000))
    assert raw.look("follower_jump") == []


def test_what_the_gate_refused_is_an_alarm_too(raw):
    raw.outcome(0, "failed", "quarantined", detail="refused by followers_did_not_explode")
    raw.outcome(
        0, "failed", "quarantined", stream="posts", detail="refused by items_did_not_collapse"
    )
    assert raw.look("follower_jump") == [("a", "refused by followers_did_not_explode")]
    assert raw.look("shrunken_answer") == [("a", "refused by items_did_not_collapse")]


@pytest.mark.parametrize(
    ("kind", "before", "now", "detail"),
    [
        ("renamed", {"username": "GentStad"}, {"username": "stadgent"}, "GentStad -> stadgent"),
        ("hijacked", {"id": "12"}, {"id": "99"}, "platform id 12 -> 99"),
        ("protected", {"protected": False}, {"protected": True}, "posts are protected"),
    ],
)
def test_what_a_profile_tells(raw, kind, before, now, detail):
    raw.profile(3, before)
    raw.profile(1, before)
    assert raw.look(kind, TODAY - timedelta(days=1)) == []
    raw.profile(0, now)
    assert raw.look(kind) == [("a", detail)]


def test_letters_of_another_size_are_the_same_name(raw):
    raw.profile(1, {"username": "GentStad"})
    raw.profile(0, {"username": "gentstad"})
    assert raw.look("renamed") == []


def test_an_account_that_moved(raw):
    raw.profile(0, {"acct": "gent", "moved": {"acct": "gent@social.gent"}}, platform="mastodon")
    raw.profile(0, {"acct": "aalst"}, "b", platform="mastodon")
    assert raw.look("moved") == [("a", "moved to gent@social.gent")]


@pytest.mark.parametrize(
    ("kind", "status", "reason"),
    [
        ("dead", "gone", "suspended"),
        ("protected", "refused", "protected"),
        ("token_refused", "refused", "token_expired"),
    ],
)
def test_how_a_stream_ended(raw, kind, status, reason):
    raw.outcome(0, status, reason)
    raw.outcome(0, "failed", "timeout", name="b")
    raw.outcome(0, status, reason, name="c")
    raw.outcome(0, "ok", name="c")  # it went well after all
    assert raw.look(kind) == [("a", f"{reason}: said so")]


@pytest.mark.parametrize(
    ("known", "missing", "is_alarm"), [(10, 6, True), (10, 5, False), (9, 9, False)]
)
def test_a_shrunken_answer(raw, known, missing, is_alarm):
    raw.outcome(0, stream="posts")
    raw.run("update raw.outcomes set known_count = %s, missing_count = %s", known, missing)
    expected = [("a", f"posts: {missing} of {known} are missing")] if is_alarm else []
    assert raw.look("shrunken_answer") == expected


def test_a_late_platform(raw):
    raw.account("x")
    raw.account("bluesky", "b")
    raw.account("mastodon", "m", synthetic=False)
    raw.account("snapchat", "s")  # nothing is ever asked of it
    raw.outcome(0, platform="x")
    raw.outcome(2, platform="bluesky", name="b")
    raw.outcome(0, "failed", "timeout", platform="bluesky", name="b")
    assert raw.look("late_platform") == [("", "last answer on 2026-09-28")]


def test_a_lasting_alarm_is_raised_once_and_again_after_a_week_of_silence(raw):
    for days_ago in (20, 19, 18, 5, 4):
        raw.outcome(days_ago, "gone", "suspended")
        raw.look("dead", TODAY - timedelta(days=days_ago))
    rows = raw.run("select raised_on, last_seen_on from raw.alarms order by 1")
    day = [TODAY - timedelta(days=n) for n in range(21)]
    assert rows == [(day[20], day[18]), (day[5], day[4])]
    found = alarms.recent(raw.access, TODAY)
    assert [(a.kind, a.raised_on) for a in found] == [("dead", day[5])]


def test_a_second_look_changes_nothing_and_acknowledging_ends_it(raw):
    raw.outcome(0, "gone", "suspended")
    for _ in range(2):
        with pytest.raises(AlarmError, match=r"^dead: a: suspended: said so\. Look at them"):
            alarms.enforce(raw.access, "dead", TODAY, NOW)
    assert raw.run("select count(*) from raw.alarms") == [(1,)]
    assert alarms.acknowledge(raw.access, "dead", "An", NOW, "a") == 1
    assert alarms.enforce(raw.access, "dead", TODAY, NOW) == {"raised": 0}
    assert alarms.recent(raw.access, TODAY) == []
    assert raw.run("select acknowledged_by from raw.alarms") == [("An",)]
    with pytest.raises(KlankbordError, match="No open alarm dead of a"):
        alarms.acknowledge(raw.access, "dead", "An", NOW, "a")


def test_many_are_counted_and_five_named(raw):
    for n in range(7):
        raw.outcome(0, "gone", "suspended", name=f"a{n}")
    with pytest.raises(AlarmError, match=r"a4: .* and 2 more\. Look"):
        alarms.enforce(raw.access, "dead", TODAY, NOW)


def test_an_unknown_kind_and_nobody_are_refused(raw):
    with pytest.raises(KlankbordError, match="No alarm is called 'fire'"):
        alarms.check(raw.access, "fire", TODAY, NOW)
    with pytest.raises(KlankbordError, match="who has looked"):
        alarms.acknowledge(raw.access, "dead", " ", NOW)


def test_every_kind_can_be_asked_of_an_empty_warehouse(raw):
    assert [kind for kind in KINDS if raw.look(kind)] == []
