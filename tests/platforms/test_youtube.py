"""The YouTube connector over real HTTP: paging, the number of calls, who said what, privacy."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.youtube_world import (
    CITIZEN,
    NOW,
    OK,
    TOKEN,
    WINDOW,
    Ask,
    Log,
    SmallWorld,
    app_of,
    ask,
    items,
    make_sandbox,
    outcomes,
    read,
    registered,
    threads_read,
)

from klankbord.platforms.base import Window
from klankbord.platforms.events import Event, Item, Outcome
from klankbord.platforms.ledger import Ledger, Reading
from klankbord.platforms.youtube import YouTube
from klankbord.privacy import minimise, pseudonym
from klankbord.sandbox.youtube_objects import channel_id, comment_id, thread_id, video_id
from klankbord.verdicts import Throttled

__all__ = ["ask"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


# -- paging, to the last row, with the fewest calls


def test_channels_and_videos_come_by_the_fifty(ask: Ask) -> None:
    world, log = SmallWorld(), Log()
    accounts = [registered(world.channel(n, videos=3)) for n in range(1, 62)]
    accounts += [registered(world.channel(n, videos=3), by_handle=True) for n in range(62, 64)]
    found = read(ask(app_of(make_sandbox(world), log)), *accounts)
    assert set(outcomes(found).values()) == {OK}
    assert len(outcomes(found)) == 63 * 3
    assert len(items(found, "profiles")) == 63
    assert len({p.item_id for p in items(found, "posts")}) == 63 * 3
    ends = log.ends()
    # 50 and 11 by id, 2 by handle; a list of uploads each; 150, 33 and 6 videos
    assert ends.count("channels") == 2 + 2
    assert ends.count("playlistItems") == 63
    assert ends.count("videos") == 3 + 1 + 1
    assert ends.count("commentThreads") == 0  # nobody answered anywhere
    by_id = [q["id"].split(",") for path, q in log if path.endswith("channels") and "id" in q]
    assert [len(ids) for ids in by_id] == [50, 11]
    assert [q["forHandle"] for path, q in log if "forHandle" in q] == ["@gemeente62", "@gemeente63"]


def test_uploads_are_read_to_the_end_of_the_window(ask: Ask) -> None:
    world, log = SmallWorld(), Log()
    channel = world.channel(videos=120)
    old = [world.video(channel, 45 * DAY + n * HOUR) for n in range(60)]
    found = read(ask(app_of(make_sandbox(world), log)), registered(channel))
    posts = items(found, "posts")
    last = world.own(channel, WINDOW.since, NOW)[-1]
    assert len(posts) == len({p.item_id for p in posts}) == 120
    assert posts[-1].item_id == video_id(last.message_id)
    assert not {p.item_id for p in posts} & {video_id(m.message_id) for m in old}
    # the third page holds videos from before the window: the fourth is not asked for
    assert log.ends().count("playlistItems") == 3
    assert log.ends().count("videos") == 3


def test_comments_and_replies_are_read_to_the_last_row(ask: Ask) -> None:
    world, log = SmallWorld(), Log()
    channel = world.channel()
    video = world.video(channel, 2 * DAY)
    first = world.comment(channel, video, timedelta(seconds=1))
    for turn in range(240):
        world.comment(channel, video, timedelta(seconds=2 + turn))
    replies = [world.comment(channel, first, timedelta(minutes=5 + n)) for n in range(130)]
    found = read(ask(app_of(make_sandbox(world), log)), registered(channel))
    messages = items(found, "messages")
    assert len(messages) == len({m.item_id for m in messages}) == 241 + 130
    assert comment_id(video, replies[-1]) in {m.item_id for m in messages}
    assert messages[-131].item_id == thread_id(first.message_id)  # the oldest comes last
    ends = log.ends()
    assert (ends.count("commentThreads"), ends.count("comments")) == (3, 2)
    assert threads_read(found) == [video_id(video.message_id)]


def test_several_talking_videos_are_read_in_one_call_of_the_channel(ask: Ask) -> None:
    world, log = SmallWorld(), Log()
    channel = world.channel(videos=4, comments=2)
    found = read(ask(app_of(make_sandbox(world), log)), registered(channel))
    assert len(items(found, "messages")) == 8
    assert len(threads_read(found)) == 4
    queries = [query for path, query in log if path.endswith("commentThreads")]
    assert [q.get("allThreadsRelatedToChannelId") for q in queries] == [channel_id(1001)]
    assert {m.thread_id for m in items(found, "messages")} == set(threads_read(found))


def test_the_channels_list_is_read_down_to_the_oldest_wanted_video(ask: Ask) -> None:
    world, log = SmallWorld(), Log()
    channel = world.channel(videos=3, comments=1)
    before = world.video(channel, 60 * DAY)
    for turn in range(150):
        world.comment(channel, before, timedelta(seconds=turn))
    found = read(ask(app_of(make_sandbox(world), log)), registered(channel))
    assert len(items(found, "messages")) == 3
    assert log.ends().count("commentThreads") == 1


def test_one_talking_video_is_asked_by_itself(ask: Ask) -> None:
    world, log = SmallWorld(), Log()
    channel = world.channel(videos=3)
    video = world.video(channel, DAY)
    world.comment(channel, video)
    read(ask(app_of(make_sandbox(world), log)), registered(channel))
    queries = [query for path, query in log if path.endswith("commentThreads")]
    assert [q.get("videoId") for q in queries] == [video_id(video.message_id)]


def test_the_channel_is_not_read_where_its_list_would_be_longer(ask: Ask) -> None:
    """Two videos with a comment each, and an older one with 150 that nobody wants again."""
    world, log = SmallWorld(), Log()
    channel = world.channel(videos=2, comments=1)
    loud = world.video(channel, 40 * DAY)
    for turn in range(150):
        world.comment(channel, loud, timedelta(seconds=turn))
    reading = Reading(loud.created_at, NOW - DAY, 150)
    ledger = Ledger({video_id(loud.message_id): reading}, NOW - DAY, NOW - DAY)
    found = read(ask(app_of(make_sandbox(world), log)), replace(registered(channel), ledger=ledger))
    queries = [query for path, query in log if path.endswith("commentThreads")]
    assert ["videoId" in query for query in queries] == [True, True]
    assert len(items(found, "messages")) == 2


def test_what_the_channels_list_leaves_out_is_asked_of_the_video(ask: Ask) -> None:
    world, log = SmallWorld(), Log()
    channel = world.channel(videos=3, comments=2)
    faults = {("commentThreads", 1): "shrunken"}
    found = read(ask(app_of(make_sandbox(world), log, faults)), registered(channel))
    assert len(items(found, "messages")) == 6
    queries = [query for path, query in log if path.endswith("commentThreads")]
    # the newest video's two came; the second's first is among the three, so it is asked for
    assert ["videoId" in query for query in queries] == [False, True, True]


def test_a_channels_list_that_grows_too_long_is_left(ask: Ask) -> None:
    """An old video that nobody counts is loud today: the wanted ones are then asked one by one."""
    world, log = SmallWorld(), Log()
    channel = world.channel(videos=2, comments=1)
    evergreen = world.video(channel, 80 * DAY)
    for turn in range(150):
        world.comment(channel, evergreen, 80 * DAY - timedelta(minutes=1 + turn / 60))
    found = read(ask(app_of(make_sandbox(world), log)), registered(channel))
    queries = [query for path, query in log if path.endswith("commentThreads")]
    assert ["videoId" in query for query in queries] == [False, True, True]
    assert len(items(found, "messages")) == 2  # comments under videos that old are not read


def test_a_counter_that_is_late_does_not_cut_a_conversation(ask: Ask) -> None:
    """YouTube counts two comments and has 151: the channel's list is left half-way, and the video
    whose comments go on beyond that is asked for, though its counter says that all came."""
    world, log = SmallWorld(), Log()
    channel = world.channel(videos=1, comments=1)
    loud = world.video(channel, 3 * DAY)
    for turn in range(150):
        world.comment(channel, loud, timedelta(seconds=turn))

    def late(body: dict[str, Any]) -> dict[str, Any]:
        for row in body["items"]:
            row["statistics"]["commentCount"] = "1"
        return body

    app = app_of(make_sandbox(world), log, changes={"videos": late})
    found = read(ask(app), registered(channel))
    assert len(items(found, "messages")) == 151
    queries = [query for path, query in log if path.endswith("commentThreads")]
    assert ["videoId" in query for query in queries] == [False, True, True]


@pytest.mark.parametrize("where", ["playlistItems", "commentThreads", "comments"])
def test_an_empty_last_page_is_no_trouble(ask: Ask, where: str) -> None:
    world, log = SmallWorld(), Log()
    channel = world.channel(videos=1, comments=1)
    first = next(m for m in world.said.values() if m.author)
    for _ in range(3):  # one more than YouTube shows with the thread
        world.comment(channel, first)
    faults = {(where, 1): "empty_last_page"}
    found = read(ask(app_of(make_sandbox(world), log, faults)), registered(channel))
    assert set(outcomes(found).values()) == {OK}
    assert (len(items(found, "posts")), len(items(found, "messages"))) == (1, 4)
    assert log.ends().count(where) == 2


@pytest.mark.parametrize(
    ("where", "hit"),
    [
        ("playlistItems", {"posts", "messages"}),
        ("commentThreads", {"messages"}),
        ("comments", {"messages"}),
    ],
)
def test_a_repeated_page_is_reported(ask: Ask, where: str, hit: set[str]) -> None:
    world, log = SmallWorld(), Log()
    channel = world.channel(videos=60)
    video = world.video(channel, 3 * DAY)
    first = world.comment(channel, video)
    for turn in range(120):
        world.comment(channel, video, timedelta(seconds=turn))
        world.comment(channel, first, timedelta(seconds=turn))
    faults = {(where, 2): "repeated_page"}
    found = read(ask(app_of(make_sandbox(world), log, faults)), registered(channel))
    ends = outcomes(found)
    assert {s for (_, s), end in ends.items() if end == ("failed", "repeated_page")} == hit
    assert not items(found, "messages") and not threads_read(found)


def test_the_forecast_is_near_what_is_asked(ask: Ask) -> None:
    """Fifty channels, a video every third day, each second channel with a conversation."""
    world, log = SmallWorld(), Log()
    accounts = []
    for number in range(1, 51):
        channel = world.channel(number)
        for place in range(15):
            world.video(channel, (1 + 3 * place) * DAY - HOUR)
        if number % 2:
            world.comment(channel, world.own(channel, WINDOW.since, NOW)[0])
        accounts.append(registered(channel))
    read(ask(app_of(make_sandbox(world), log)), *accounts)
    ends = log.ends()
    told = YouTube.forecast(50, 1 / 3, 0.05)
    assert told["profiles"].units == ends.count("channels") == 1
    assert abs(told["posts"].units - ends.count("playlistItems") - ends.count("videos")) <= 1
    assert abs(told["open_threads"].units - ends.count("commentThreads")) < 1
    assert ends.count("commentThreads") == 25


# -- who said what, where


def test_who_said_what_to_whom(ask: Ask) -> None:
    world = SmallWorld()
    channel = world.channel()
    video = world.video(channel, DAY, "Zwembad & sauna open.\nVan 9 tot 17 uur. #zwembad")
    question = world.comment(channel, video, text="Ook <zondag> & maandag?")
    answer = world.comment(channel, question, by=None, text="Ja.")
    more = world.comment(channel, video, 2 * HOUR, by=None, text="Nog iets.")
    found = read(ask(app_of(make_sandbox(world), Log())), registered(channel))
    by_id = {m.item_id: m for m in items(found, "messages")}
    asked, replied, continued = (by_id[comment_id(video, m)] for m in (question, answer, more))
    citizen, own = channel_id(CITIZEN.user_id), channel_id(channel.user_id)
    assert (asked.author_id, asked.is_own, asked.is_reply) == (citizen, False, False)
    assert asked.text == "Ook <zondag> & maandag?"  # plain text, not YouTube's HTML
    assert (replied.author_id, replied.is_own, replied.is_reply) == (own, True, True)
    assert replied.payload["snippet"]["parentId"] == asked.item_id
    assert (continued.is_own, continued.is_reply) == (True, False)
    assert {m.payload["post_id"] for m in by_id.values()} == {video_id(video.message_id)}
    assert asked.created_at == question.created_at
    [post] = items(found, "posts")
    assert post.text == "Zwembad & sauna open.\nZwembad & sauna open.\nVan 9 tot 17 uur. #zwembad"
    assert (post.created_at, post.answers) == (video.created_at, 3)  # replies count too
    assert post.payload["statistics"]["viewCount"] == "900"
    [profile] = items(found, "profiles")
    assert profile.item_id == own
    assert profile.payload["statistics"]["subscriberCount"] == "5000"


def test_nothing_of_a_citizen_is_stored(ask: Ask) -> None:
    world = SmallWorld()
    channel = world.channel()
    video = world.video(channel, DAY, "Met Roos Vermeiren van @roosvermeiren")
    question = world.comment(channel, video, text="Roos hier: open?")
    world.comment(channel, question, by=None, text="Dag Roos Vermeiren, ja.")
    found = read(ask(app_of(make_sandbox(world), Log())), registered(channel, tier="T3"))
    citizen = channel_id(CITIZEN.user_id)
    stored = [
        minimise(i, YouTube.fields[i.stream], "youtube", "key")
        for i in found
        if isinstance(i, Item)
    ]
    text = json.dumps(stored)
    for trace in ("Roos", "Vermeiren", "roosvermeiren", "avatars.example", "hier", citizen, "Dag "):
        assert trace not in text
    asked = next(p for i, p in stored if i == thread_id(question.message_id))
    assert asked["klankbord"]["author"] == pseudonym("key", "youtube", citizen)
    assert (asked["klankbord"]["is_question"], asked["klankbord"]["text_length"]) == (True, 16)
    assert set(asked) == {"id", "post_id", "snippet", "klankbord"}
    assert set(asked["snippet"]) == {"publishedAt"}


def test_only_what_was_said_in_the_window_but_under_older_videos_too(ask: Ask) -> None:
    world = SmallWorld()
    channel = world.channel()
    age = NOW - WINDOW.since
    old = world.video(channel, age + 13 * DAY)
    world.comment(channel, old, HOUR, text="te vroeg")
    late = world.comment(channel, old, 13 * DAY)
    too_old = world.video(channel, age + 14 * DAY + HOUR)
    world.comment(channel, too_old, 20 * DAY)
    first = world.video(channel, age)
    world.comment(channel, first, HOUR)
    world.video(channel, age + timedelta(seconds=1))
    found = read(ask(app_of(make_sandbox(world), Log())), registered(channel))
    assert [p.item_id for p in items(found, "posts")] == [video_id(first.message_id)]
    assert len(items(found, "messages")) == 2
    assert comment_id(old, late) in {m.item_id for m in items(found, "messages")}
    [only] = items(
        read(ask(app_of(make_sandbox(world), Log())), registered(channel, tier="T1")), "posts"
    )
    assert only.item_id == video_id(first.message_id)
    # of the older thread a part was left out: nothing can be said of what was deleted there
    assert threads_read(found) == [video_id(first.message_id)]
    [posts] = [e for e in found if isinstance(e, Outcome) and e.stream == "posts"]
    assert posts.complete_since == WINDOW.since


def test_a_window_of_the_past_reads_no_later_message(ask: Ask) -> None:
    world = SmallWorld()
    channel = world.channel()
    video = world.video(channel, 20 * DAY)
    world.comment(channel, video, DAY)
    world.comment(channel, video, 8 * DAY)
    window = Window.between((NOW - 25 * DAY).date(), (NOW - 15 * DAY).date(), WINDOW.scan_on)
    found = read(ask(app_of(make_sandbox(world), Log())), registered(channel), window=window)
    assert set(outcomes(found)) == {("body1-youtube", "posts"), ("body1-youtube", "messages")}
    assert (len(items(found, "posts")), len(items(found, "messages"))) == (1, 1)
    assert threads_read(found) == []  # what came later was left out, and is not deleted


# -- tiers, ledger, deletions


@pytest.mark.parametrize(
    ("tier", "streams", "ends"),
    [
        ("T0", {"profiles"}, {"channels"}),
        ("T1", {"profiles", "posts"}, {"channels", "playlistItems", "videos"}),
        (
            "T2",
            {"profiles", "posts", "messages"},
            {"channels", "playlistItems", "videos", "commentThreads"},
        ),
        (
            "T3",
            {"profiles", "posts", "messages", "insights"},
            {"channels", "playlistItems", "videos", "commentThreads", "reports"},
        ),
    ],
)
def test_a_tier_says_what_is_read(ask: Ask, tier: str, streams: set[str], ends: set[str]) -> None:
    world, log = SmallWorld(), Log()
    channel = world.channel(videos=1, comments=1)
    world.video(channel, 35 * DAY)
    found = read(ask(app_of(make_sandbox(world), log)), registered(channel, tier=tier))
    assert {s for _, s in outcomes(found)} == streams
    assert set(outcomes(found).values()) == {OK}
    assert set(log.ends()) == ends
    [ids] = [q["id"].split(",") for path, q in log if path.endswith("videos")] or [[]]
    # the counters of older videos matter to conversations only
    assert len(ids) == {"T0": 0, "T1": 1}.get(tier, 2)


def test_a_snapshot_asks_for_profiles_only(ask: Ask) -> None:
    world, log = SmallWorld(), Log()
    accounts = [registered(world.channel(n, videos=2)) for n in range(1, 51)]
    window = replace(WINDOW, streams=frozenset({"profiles"}))
    found = read(ask(app_of(make_sandbox(world), log)), *accounts, window=window)
    assert len(outcomes(found)) == 50
    assert log.ends() == ["channels"]


def test_a_thread_that_is_not_wanted_is_not_asked_for(ask: Ask) -> None:
    world, log = SmallWorld(), Log()
    channel = world.channel()
    quiet, moved, fresh, silent = (
        world.video(channel, age) for age in (20 * DAY, 21 * DAY, 2 * DAY, 3 * DAY)
    )
    for video in (quiet, moved, fresh):
        world.comment(channel, video)
    readings = {
        video_id(quiet.message_id): Reading(quiet.created_at, NOW - DAY, 1),
        video_id(moved.message_id): Reading(moved.created_at, NOW - DAY, 0),
        video_id(silent.message_id): Reading(silent.created_at, NOW - DAY, 3),
    }
    account = replace(registered(channel), ledger=Ledger(readings, NOW - DAY, NOW - DAY))
    found = read(ask(app_of(make_sandbox(world), log)), account)
    said = {m.thread_id for m in items(found, "messages")}
    assert said == {video_id(moved.message_id), video_id(fresh.message_id)}
    # all comments under one were deleted: that is known without a call
    assert set(threads_read(found)) == said | {video_id(silent.message_id)}
    assert log.ends().count("commentThreads") == 1  # the channel's list holds both


def test_the_thread_of_a_video_from_before_the_window_is_not_read_each_day(ask: Ask) -> None:
    world = SmallWorld()
    channel = world.channel()
    world.comment(channel, world.video(channel, 40 * DAY))
    for known, asked in ((NOW - DAY, 0), (NOW - 27 * DAY, 1)):
        log = Log()
        # it was never stored: it lay in no scan's window
        account = replace(registered(channel), ledger=Ledger({}, known, known))
        found = read(ask(app_of(make_sandbox(world), log)), account)
        assert set(outcomes(found).values()) == {OK}
        assert log.ends().count("commentThreads") == asked


def test_a_deleted_video_and_comment_do_not_come(ask: Ask) -> None:
    world = SmallWorld()
    channel = world.channel(videos=2, comments=2)
    video = world.own(channel, WINDOW.since, NOW)[0]
    gone = world.thread(channel, video.message_id, NOW)[1]
    world.deleted = {gone.message_id}
    found = read(ask(app_of(make_sandbox(world), Log())), registered(channel))
    assert comment_id(video, gone) not in {m.item_id for m in items(found, "messages")}
    assert video_id(video.message_id) in threads_read(found)


# -- insights


def test_an_owner_is_told_of_days_and_of_due_videos(ask: Ask) -> None:
    world, log = SmallWorld(), Log()
    channel = world.channel()
    videos = [world.video(channel, age) for age in (5 * DAY, 8 * DAY, 12 * DAY)]
    account = registered(channel, tier="T3")
    # read yesterday: the second reaches its seventh day since; the others are not due
    ledger = Ledger({}, NOW - DAY, NOW - DAY, NOW - DAY - HOUR)
    videos[1] = replace(videos[1], created_at=NOW - 7 * DAY - HOUR)
    world.said[videos[1].message_id] = videos[1]
    found = read(ask(app_of(make_sandbox(world), log)), replace(account, ledger=ledger))
    figures = {i.item_id: i.payload for i in items(found, "insights")}
    days = {p["end_time"] for p in figures.values() if p["object"] == "account"}
    # California's days: the window begins on 31 August there, and the last two are not known
    assert (min(days), max(days), len(days)) == ("2026-08-31", "2026-09-28", 29)
    assert figures["account/views/day/2026-09-28"] == {
        "object": "account", "object_id": None, "metric": "views", "period": "day",
        "end_time": "2026-09-28", "value": 5 + 28,
    }  # fmt: skip
    name = video_id(videos[1].message_id)
    assert {p["object_id"] for p in figures.values()} == {None, name}
    assert figures[f"{name}/shares/lifetime/2026-09-30"] == {
        "object": "post", "object_id": name, "metric": "shares", "period": "lifetime",
        "end_time": None, "value": 6 + 100,
    }  # fmt: skip
    assert len(figures) == 29 * 8 + 6
    reports = [n for n, end in enumerate(log.ends()) if end == "reports"]
    assert len(reports) == 2
    assert all(log.headers[n]["authorization"] == f"Bearer {TOKEN}" for n in reports)
    others = [h for n, h in enumerate(log.headers) if n not in reports]
    assert not any("authorization" in headers for headers in others)


def test_without_the_owners_token_only_insights_are_refused(ask: Ask) -> None:
    world = SmallWorld()
    channel = world.channel(videos=1)
    found = read(
        ask(app_of(make_sandbox(world), Log()), owner=None), registered(channel, tier="T3")
    )
    ends = {s: end for (_, s), end in outcomes(found).items()}
    assert ends["insights"] == ("refused", "token_missing")
    assert ends["profiles"] == ends["posts"] == ends["messages"] == OK


def test_throttling_is_raised_after_what_is_complete(ask: Ask) -> None:
    world, log = SmallWorld(), Log()
    accounts = [registered(world.channel(n, videos=1, comments=1)) for n in (1, 2, 3)]
    faults = {("commentThreads", 2): "quota_spent"}
    events: list[Event] = []
    with pytest.raises(Throttled) as raised:
        for event in ask(app_of(make_sandbox(world), log, faults)).extract(accounts, WINDOW):
            events.append(event)
    assert {e.account_id for e in events} == {"body1-youtube"}
    assert len(outcomes(events)) == 3
    assert raised.value.reason == "quota_spent"
    wait = raised.value.retry_at - datetime.now(UTC)
    assert timedelta() < wait <= timedelta(hours=25)
    assert TOKEN not in str(raised.value)
