"""Alarms over rows written by hand: what is one, and what is none."""

from datetime import date, datetime, timedelta

import pytest

from klankbord import alarms
from klankbord.alarm_rules import KINDS
from klankbord.platforms.base import discover
from tests.alarms.rows import TODAY


def counted(followers: int | str | None) -> dict:
    return {"id": "12", "public_metrics": {"followers_count": followers}}


@pytest.mark.parametrize(
    ("before", "now", "days", "is_alarm"),
    [
        (1000, 1251, 1, True),
        (1000, 749, 7, True),
        (1000, 1250, 1, False),
        (1000, 750, 1, False),
        (1000, 2000, 8, False),  # no reading within the week
        (100, 201, 1, True),
        (100, 200, 1, False),  # a hundred of so few is no jump
        (0, 101, 1, True),
    ],
)
def test_a_follower_jump(raw, before, now, days, is_alarm):
    raw.account()
    raw.profile(days, counted(before))
    raw.profile(0, counted(now))
    expected = [("a", f"{before} -> {now} followers")] if is_alarm else []
    assert raw.look("follower_jump") == expected


def test_a_jump_in_small_steps_is_one_too(raw):
    raw.account()
    for days_ago, followers in enumerate([1350, 1240, 1130, 1000]):
        raw.profile(days_ago, counted(followers))
    assert raw.look("follower_jump", 1) == []
    assert raw.look("follower_jump") == [("a", "1000 -> 1350 followers")]


def test_what_was_raised_once_is_the_new_level(raw):
    raw.account()
    for days_ago, followers in ((7, 1000), (6, 2000), (5, 2010), (4, 900), (0, 910)):
        raw.profile(days_ago, counted(followers))
    for days_ago in range(6, -1, -1):
        raw.look("follower_jump", days_ago)
    # up, and down again; not a third time because 900 is far from the 2010 of six days ago
    assert raw.look("follower_jump") == [
        ("a", "2000 -> 900 followers"),
        ("a", "1000 -> 2000 followers"),
    ]


def test_days_on_which_nobody_looked_are_made_up_for_alike(raw):
    raw.account()
    for days_ago, followers in ((7, 1000), (6, 2000), (5, 2010), (4, 900), (0, 910)):
        raw.profile(days_ago, counted(followers))
    assert raw.look("follower_jump") == [
        ("a", "2000 -> 900 followers"),
        ("a", "1000 -> 2000 followers"),
    ]
    assert raw.look("follower_jump", -1) == [("a", "2000 -> 900 followers")]  # a week old


@pytest.mark.parametrize("followers", [None, "many", "-1"])
def test_an_account_that_says_no_number_is_no_jump(raw, followers):
    raw.account()
    raw.profile(1, counted(followers))
    raw.profile(0, counted(5000))
    assert raw.look("follower_jump") == []


def test_what_the_gate_refused_is_an_alarm_unless_it_was_read_after_all(raw):
    explosion, collapse = "followers_did_not_explode", "items_did_not_collapse"
    raw.account()
    raw.outcome(2, "failed", "quarantined", detail=f"refused by {explosion}")
    raw.outcome(2, "failed", "quarantined", stream="posts", detail=f"refused by {collapse}")
    raw.outcome(1, "failed", "quarantined", detail=f"refused by {explosion}")
    raw.outcome(1, stream="profiles", minutes=5)
    assert raw.look("follower_jump") == [("a", f"refused by {explosion}")]
    assert raw.look("shrunken_answer") == [("a", f"refused by {collapse}")]


@pytest.mark.parametrize("looked_before", [False, True])
def test_a_jump_that_the_gate_refused_and_then_believed_is_one(raw, looked_before):
    raw.account()
    raw.profile(3, counted(100))
    raw.outcome(2, "failed", "quarantined", detail="refused by followers_did_not_explode")
    if looked_before:
        assert len(raw.look("follower_jump", 2)) == 1
    raw.profile(1, counted(5000))
    assert raw.look("follower_jump") == [("a", "refused by followers_did_not_explode")]


@pytest.mark.parametrize(
    ("known", "missing", "is_alarm"), [(10, 6, True), (10, 5, False), (9, 9, False)]
)
def test_a_shrunken_answer(raw, known, missing, is_alarm):
    raw.outcome(0, stream="posts")
    raw.run("update raw.outcomes set known_count = %s, missing_count = %s", known, missing)
    expected = [("a", f"posts: {missing} of {known} are missing")] if is_alarm else []
    assert raw.look("shrunken_answer") == expected


@pytest.mark.parametrize(
    ("kind", "now", "detail"),
    [
        ("renamed", {"id": "12", "username": "stadgent"}, "GentStad -> stadgent"),
        ("protected", {"id": "12", "protected": True}, "posts are protected"),
    ],
)
@pytest.mark.parametrize("user_id", ["12", None])
def test_what_a_profile_tells(raw, kind, now, detail, user_id):
    raw.account(user_id=user_id)
    raw.profile(3, {"id": "12", "username": "gentstad", "protected": False})
    assert raw.look(kind, 3) == []
    raw.profile(1, now)
    assert raw.look(kind) == [("a", detail)]
    assert {k for k in KINDS if raw.look(k)} - {"late_platform"} == {kind}
    raw.profile(-1, {"id": "12", "username": "GENTSTAD", "protected": False})
    assert raw.look(kind, -1) == []


def test_the_name_of_who_took_an_account_over_is_nobodys_business(raw):
    raw.account()
    raw.profile(0, {"id": "99", "username": "jan_peeters"})
    assert raw.look("renamed") == []


@pytest.mark.parametrize(
    ("platform", "handle", "path", "said", "is_alarm"),
    [
        ("facebook", "stad.gent", "username", "StadGent", False),
        ("facebook", "12", "username", "StadGent", False),  # the register has no name
        ("facebook", "stad.gent", "username", "Stad.Aalst", True),
        ("instagram", "stad.gent", "username", "stadgent", True),
        ("mastodon", "gent@social.gent", "acct", "gent", False),
        ("mastodon", "gent@social.gent", "acct", "aalst", True),
        ("youtube", "stadgent", "snippet.customUrl", "@StadGent", False),
        ("youtube", "12", "snippet.customUrl", "@StadGent", False),
        ("bluesky", "gent.be", "handle", "handle.invalid", True),
    ],
)
def test_when_two_names_are_one(raw, platform, handle, path, said, is_alarm):
    connector = discover()[platform]
    assert connector.profile_paths["handle"] == path
    payload: dict = {connector.profile_paths["user_id"]: "12"}
    first, _, second = path.partition(".")
    payload[first] = {second: said} if second else said
    raw.account("a", platform, handle=handle)
    raw.profile(0, payload, platform=platform)
    assert raw.look("renamed") == ([("a", f"{handle} -> {said}")] if is_alarm else [])


def test_a_page_without_a_name_was_not_renamed(raw):
    raw.account("a", "facebook")
    raw.profile(0, {"id": "12", "followers_count": 5}, platform="facebook")
    assert raw.look("renamed") == []


def test_an_account_that_moved(raw):
    raw.account("a", "mastodon")
    raw.account("b", "mastodon")
    raw.account("c", "facebook")
    raw.account("d", "website")
    moved = {"id": "12", "acct": "gentstad", "moved": {"acct": "gent@social.gent"}}
    raw.profile(0, moved, platform="mastodon")
    raw.profile(0, {"id": "12", "acct": "gentstad", "moved": None}, "b", platform="mastodon")
    raw.outcome(0, "gone", "page_migrated", name="c", platform="facebook")
    raw.outcome(0, "failed", "moved", name="d", platform="website")
    assert raw.look("moved") == [
        ("c", "page_migrated: said so"),
        ("a", "moved to gent@social.gent"),
        ("d", "moved: said so"),
    ]
    assert raw.look("dead") == []


@pytest.mark.parametrize(
    ("kind", "status", "reason", "stream"),
    [
        ("dead", "gone", "suspended", "profiles"),
        ("protected", "refused", "protected", "posts"),
        ("token_refused", "refused", "token_expired", "insights"),
        ("hijacked", "refused", "wrong_account", "profiles"),
    ],
)
def test_how_a_stream_ended(raw, kind, status, reason, stream):
    for name in "abcde":
        raw.account(name)
    raw.outcome(0, status, reason, stream=stream)
    raw.outcome(0, "failed", "timeout", stream=stream, name="b")
    raw.outcome(0, status, reason, stream=stream, name="c")
    raw.outcome(0, "ok", stream=stream, name="c", minutes=5)  # it went well after all
    raw.outcome(2, status, reason, stream=stream, name="d", detail="")
    raw.outcome(1, "failed", "timeout", stream=stream, name="d")  # which says nothing
    raw.outcome(7, status, reason, stream=stream, name="e")  # a week without a word
    assert raw.look(kind) == [("a", f"{reason}: said so"), ("d", reason)]


def test_a_post_that_is_gone_is_no_dead_account(raw):
    raw.account()
    raw.outcome(0, "gone", "account_not_found", stream="posts")
    assert raw.look("dead") == []


def test_a_token_of_all_accounts_is_one_alarm(raw):
    for n in range(10):
        raw.account(f"a{n}")
        raw.outcome(0, "refused" if n else "ok", "token_expired" if n else "", name=f"a{n}")
    for n in range(7):
        raw.account(f"b{n}", "tiktok")
        refused = n < 6
        raw.outcome(
            0,
            "refused" if refused else "ok",
            "token_expired" if refused else "",
            name=f"b{n}",
            platform="tiktok",
        )
    found = alarms.check(raw.access, "token_refused", datetime.fromisoformat(f"{TODAY}T20:00Z"))
    assert [(a.platform, a.account_id) for a in found] == [
        *(("tiktok", f"b{n}") for n in range(6)),  # 86 %
        ("x", ""),  # 90 %
    ]
    assert found[-1].detail == "9 of 10 accounts, such as a1: token_expired: said so"


def test_what_the_register_ended_is_no_alarm(raw):
    raw.account(valid_to=TODAY)
    raw.account("b", synthetic=False)
    for name in "ab":
        raw.outcome(0, "gone", "suspended", name=name)
        raw.profile(0, {"id": "99", "protected": True}, name)
        raw.profile(1, {"id": "99", "public_metrics": {"followers_count": 9}}, name)
    assert [kind for kind in KINDS if raw.look(kind)] == []


def late(raw, when: str) -> list[tuple[str, str]]:
    found = alarms.check(raw.access, "late_platform", datetime.fromisoformat(f"{TODAY}T{when}"))
    return [(a.platform, a.detail) for a in found]


def test_a_late_platform(raw):
    raw.account()
    raw.account("b", "bluesky")
    raw.account("m", "mastodon", synthetic=False)
    raw.account("s", "snapchat")  # nothing is ever asked of it
    raw.account("t", "threads")
    raw.outcome(0)
    raw.outcome(1, platform="bluesky", name="b")
    raw.outcome(0, "failed", "timeout", platform="bluesky", name="b")
    raw.outcome(0, stream="posts", platform="bluesky", name="b")  # a backfill
    # before nine in the morning the scans of the day are still at work
    assert late(raw, "08:59+02:00") == [("threads", "last answer on no day")]
    assert late(raw, "09:00+02:00") == [
        ("bluesky", "last answer on 2026-09-29"),
        ("threads", "last answer on no day"),
    ]
    raw.outcome(0, platform="bluesky", name="b", minutes=5)
    raw.outcome(0, platform="threads", name="t")
    assert late(raw, "10:00+02:00") == []


@pytest.mark.parametrize(("days", "is_alarm"), [(-3, True), (0, True), (14, True), (15, False)])
def test_a_token_that_ends(raw, days, is_alarm):
    raw.account()
    ends = TODAY + timedelta(days=days)
    raw.run(
        "insert into register.consents (account_id, scope, granted_on, token_expires_on, evidence,"
        " source_file, source_line, recorded_at) values ('a', 'insights', '2026-01-01', %s, 'mail',"
        " 'f', 1, now())",
        ends,
    )
    assert raw.look("token_expiring") == ([("a", f"the token ends on {ends}")] if is_alarm else [])
    raw.run("update register.consents set withdrawn_on = %s", date(2026, 9, 1))
    assert raw.look("token_expiring") == []


def test_every_kind_can_be_asked_of_an_empty_warehouse(raw):
    assert [kind for kind in KINDS if raw.look(kind)] == []
