"""The three lints: what we send, what the sandbox answers and what we keep is in YouTube's
contract; and what staging makes of it."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import httpx
import pytest
from psycopg2.extras import RealDictCursor
from tests.questions.staging import with_verdict
from tests.x_world import serving
from tests.youtube_contract import answer_faults, has_field, methods, request_faults
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
    make_sandbox,
    outcomes,
    read,
    registered,
)

from klankbord.landing import Landing
from klankbord.platforms.events import INSIGHT_KEYS, Event
from klankbord.platforms.metrics import registry
from klankbord.platforms.youtube import YouTube
from klankbord.platforms.youtube_items import COMMENT_KEPT, POST_KEPT, PROFILE_KEPT
from klankbord.privacy import pseudonym
from klankbord.sandbox.youtube_objects import channel_id, comment_id, video_id
from klankbord.settings import PROJECT_ROOT

__all__ = ["ask"]
DAY, HALF = timedelta(days=1), timedelta(minutes=30)
#: as the documentation shows them: hidden subscribers, hidden likes, disabled comments
HIDDEN = {
    "kind": "youtube#channel",
    "etag": "e",
    "id": "UC" + "a" * 22,
    "statistics": {
        "viewCount": "12",
        "subscriberCount": "0",
        "hiddenSubscriberCount": True,
        "videoCount": "3",
    },
}


@pytest.fixture
def world() -> SmallWorld:
    """A channel with all that can be said, on two pages where pages are small."""
    small = SmallWorld()
    channel = small.channel(1, videos=52)
    video = small.video(channel, 2 * DAY + HALF)
    question = small.comment(channel, video)
    small.comment(channel, question, by=None, text="Om 9 uur.")
    for turn in range(4):
        small.comment(channel, question, timedelta(hours=1 + turn))
    small.comment(channel, video, timedelta(hours=3), by=None, text="Nog iets.")
    other = small.video(channel, 3 * DAY)
    small.comment(channel, other)
    small.channel(2, videos=1)
    return small


def scanned(ask: Ask, world: SmallWorld) -> tuple[Log, list[Event]]:
    log = Log()
    first, second = world.accounts
    accounts = [registered(first, tier="T3"), registered(second, by_handle=True)]
    found = read(ask(app_of(make_sandbox(world), log)), *accounts)
    assert set(outcomes(found).values()) == {OK}
    return log, found


def test_every_request_is_in_the_contract(ask: Ask, world: SmallWorld) -> None:
    log, _ = scanned(ask, world)
    assert [fault for path, query in log for fault in request_faults(path, query)] == []
    data, analytics = "/youtube/v3/", "/v2/reports"
    paths = {path for path, _ in log}
    names = ("channels", "playlistItems", "videos", "commentThreads", "comments")
    assert paths == {data + name for name in names} | {analytics}
    # both ways to threads, both ways to channels
    keys = {key for _, query in log for key in query}
    assert {"id", "forHandle", "playlistId", "pageToken", "parentId", "filters"} <= keys


@pytest.mark.parametrize(
    ("path", "query", "says"),
    [
        ("/youtube/v3/chanels", {"part": "id"}, "no such path"),
        ("/youtube/v3/channels", {"part": "id", "ids": "UC1"}, "no parameter ids"),
        ("/youtube/v3/channels", {"id": "UC1"}, "part is missing"),
        ("/youtube/v3/videos", {"part": "stats", "id": "a"}, "no part stats"),
        ("/youtube/v3/playlistItems", {"part": "id", "maxResults": "51"}, "cannot be 51"),
        ("/youtube/v3/commentThreads", {"part": "id", "order": "newest"}, "knows no newest"),
        ("/v2/reports", {"startDate": "1 September"}, "has not the form"),
    ],
)
def test_the_request_lint_sees(path: str, query: dict[str, str], says: str) -> None:
    assert any(says in fault for fault in request_faults(path, query))


def test_every_answer_of_the_sandbox_fits_the_contract(ask: Ask, world: SmallWorld) -> None:
    log, _ = scanned(ask, world)
    seen = set()
    with serving(app_of(make_sandbox(world), Log())) as url:
        for (path, query), headers in zip(log, log.headers, strict=True):
            authorization = {"Authorization": headers.get("authorization", "")}
            response = httpx.get(f"{url}/youtube{path}", params=query, headers=authorization)
            assert response.status_code == 200
            assert answer_faults(path, response.json()) == []
            seen.add(path)
    assert seen <= methods().keys() and len(seen) == 6


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda row: row | {"colour": "red"}, ".colour: unknown"),
        (lambda row: row | {"id": 7}, "7 is no string"),
        (lambda row: row | {"statistics": {"viewCount": "many"}}, "'many' is no number"),
        (lambda row: row | {"statistics": {"hiddenSubscriberCount": "no"}}, "'no' is no boolean"),
        (lambda row: row | {"snippet": {"publishedAt": "gisteren"}}, "'gisteren' is no moment"),
        (lambda row: [row], "is no object"),
    ],
)
def test_the_answer_lint_sees(change: Any, says: str) -> None:
    answer = {"kind": "youtube#channelListResponse", "items": [HIDDEN]}
    assert answer_faults("/youtube/v3/channels", answer) == []
    answer["items"] = [change(HIDDEN)]
    assert any(says in fault for fault in answer_faults("/youtube/v3/channels", answer))


def test_every_field_that_is_kept_is_in_the_contract() -> None:
    ours = {"post_id"}
    kept = {"Channel": PROFILE_KEPT, "Video": POST_KEPT, "Comment": COMMENT_KEPT - ours}
    unknown = [(name, p) for name, paths in kept.items() for p in paths if not has_field(name, p)]
    assert unknown == []
    assert not has_field("Video", "statistics.shareCount")
    assert set(YouTube.profile_paths.values()) <= PROFILE_KEPT


def test_every_metric_has_a_name_that_the_analytics_api_takes() -> None:
    names = {m.metric_name for m in registry() if m.platform == "youtube"}
    assert names and all(re.fullmatch(r"[0-9a-zA-Z]+", name) for name in names)


# -- staging


def stage(warehouse: Any, model: str) -> Iterator[dict[str, Any]]:
    """The rows of a staging model; its SQL needs no more than its source."""
    folder = PROJECT_ROOT / "dbt_project" / "models" / "staging" / "youtube"
    text = with_verdict((folder / f"stg_youtube__{model}.sql").read_text())
    query = re.sub(r"\{\{ source\('raw', '(\w+)'\) \}\}", r"raw.\1", text)
    with (
        closing(warehouse.open("klankbord_transformer")) as connection,
        connection.cursor(cursor_factory=RealDictCursor) as cursor,
    ):
        cursor.execute(query)
        return iter([dict(row) for row in cursor])


def land(warehouse: Any, found: list[Event], streams: tuple[str, ...] = YouTube.streams) -> None:
    with closing(warehouse.open("klankbord_loader")) as connection:
        wanted = {e.account_id: set[str]() for e in found}
        for event in found:
            if hasattr(event, "status"):
                wanted[event.account_id].add(event.stream)
        landing = Landing(
            connection,
            "youtube",
            WINDOW,
            streams=wanted,
            fields=YouTube.fields,
            key="key",
            run_id="t",
            now=NOW,
        )
        for event in found:
            landing.add(event)
        landing.close(0)


def test_staging_reads_what_was_landed(ask: Ask, world: SmallWorld, warehouse: Any) -> None:
    _, found = scanned(ask, world)
    land(warehouse, found)
    own = channel_id(1001)
    profiles = {row["account_id"]: row for row in stage(warehouse, "profiles")}
    assert list(profiles["body1-youtube"]) == [
        "account_id", "platform_user_id", "scan_on", "observed_at", "followers", "extraction_id",
    ]  # fmt: skip
    one = profiles["body1-youtube"]
    assert (one["platform_user_id"], one["followers"]) == (own, 5000)
    posts = {row["post_id"]: row for row in stage(warehouse, "posts")}
    assert len(posts) == 55
    video = next(m for m in world.said.values() if m.created_at == NOW - 2 * DAY - HALF)
    post = posts[video_id(video.message_id)]
    assert list(post) == [
        "account_id", "post_id", "scan_on", "observed_at", "created_at", "message_kind",
        "in_reply_to_id", "reactions", "comments", "shares", "quotes", "views", "text_length",
        "extraction_id",
    ]  # fmt: skip
    counters = ("reactions", "comments", "shares", "quotes", "views")
    assert [post[name] for name in counters] == [11, 7, None, None, 900]
    assert (post["created_at"], post["message_kind"]) == (video.created_at, "original")
    messages = {row["message_id"]: row for row in stage(warehouse, "messages")}
    said = [m for m in world.said.values() if m.parent_id]
    assert len(messages) == len(said) == 8
    assert list(next(iter(messages.values()))) == [
        "account_id", "message_id", "scan_on", "observed_at", "created_at", "is_own",
        "author_pseudonym", "in_reply_to_id", "is_question", "question_rules", "text_length",
        "is_liked_by_owner",
        "extraction_id",
    ]  # fmt: skip
    for message in said:
        root = world.said[message.root_id]
        row = messages[comment_id(root, message)]
        above = world.said[message.parent_id or 0]
        is_top = above.parent_id is None
        parent = video_id(root.message_id) if is_top else comment_id(root, above)
        assert row["in_reply_to_id"] == parent
        assert row["is_own"] == message.is_own
        citizen = pseudonym("key", "youtube", channel_id(CITIZEN.user_id))
        assert row["author_pseudonym"] == (None if message.is_own else citizen)
        assert row["created_at"] == message.created_at
        assert row["is_question"] == (None if row["is_own"] else "?" in message.text)


def test_staging_tells_hidden_from_zero(warehouse: Any) -> None:
    def row(table: str, item_id: str, payload: dict[str, Any]) -> None:
        cursor.execute(
            f"insert into raw.youtube_{table} (account_id, item_id, scan_on, observed_at,"
            " payload, extraction_id) values ('a', %s, %s, %s, %s, gen_random_uuid())",
            [item_id, WINDOW.scan_on, NOW, json.dumps(payload)],
        )

    shown = HIDDEN["statistics"] | {"hiddenSubscriberCount": False}
    silent = {"viewCount": "3", "hiddenSubscriberCount": False}
    with closing(warehouse.open("klankbord_loader")) as connection, connection:
        cursor = connection.cursor()
        for name, numbers in (
            ("hidden", HIDDEN["statistics"]),
            ("shown", shown),
            ("silent", silent),
        ):
            row("profiles", name, {"id": name, "statistics": numbers})
        bare = {"id": "v", "snippet": {"publishedAt": "2026-09-30T10:00:00Z"}}
        row("posts", "closed", bare | {"statistics": {"viewCount": "0"}})
    followers = {r["platform_user_id"]: r["followers"] for r in stage(warehouse, "profiles")}
    assert followers == {"hidden": None, "shown": 0, "silent": None}
    [post] = stage(warehouse, "posts")
    assert [post[name] for name in ("reactions", "comments", "views")] == [None, None, 0]


def test_what_is_stored_is_what_the_rules_say(ask: Ask, world: SmallWorld, warehouse: Any) -> None:
    _, found = scanned(ask, world)
    land(warehouse, found)
    with closing(warehouse.open("klankbord_loader")) as connection, connection.cursor() as cursor:
        cursor.execute("select distinct jsonb_object_keys(payload) from raw.youtube_insights")
        keys = {key for (key,) in cursor.fetchall()}
        cursor.execute("select string_agg(payload::text, ' ') from raw.youtube_messages")
        [[text]] = cursor.fetchall()
        cursor.execute("select count(*) from raw.youtube_insights")
        [[figures]] = cursor.fetchall()
    assert keys == INSIGHT_KEYS | {"klankbord"}
    # 8 metrics of 29 days; 6 of the videos that are older than the end of the last day known
    assert figures == 29 * 8 + (15 + 2) * 6
    for trace in (CITIZEN.name, CITIZEN.handle, channel_id(CITIZEN.user_id), "Hoe laat", TOKEN):
        assert trace not in text
