"""The sandbox's YouTube: ids, parts, pages, refusals, faults, quota, owners' reports."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.x_world import serving
from tests.youtube_world import CITIZEN, NOW, TOKEN, Log, SmallWorld, app_of, make_sandbox

from klankbord.sandbox import routes_youtube
from klankbord.sandbox import youtube_objects as objects
from klankbord.sandbox.model import Message
from klankbord.sandbox.world import World

DAY = timedelta(days=1)
DATA = "/youtube/v3"
Get = Callable[..., httpx.Response]


@pytest.fixture
def world() -> SmallWorld:
    small = SmallWorld()
    channel = small.channel(1, videos=7)
    video = small.video(channel, 10 * DAY, "Markt & kermis <nu>")
    top = small.comment(channel, video, text="Waar & <wanneer>?\nMorgen?")
    for turn in range(3):
        small.comment(channel, top, timedelta(hours=1 + turn))
    small.comment(channel, video, DAY, by=None)
    small.video(channel, 91 * DAY)
    small.channel(2)
    return small


@pytest.fixture
def sandbox(world: SmallWorld) -> SimpleNamespace:
    return make_sandbox(world)


@pytest.fixture
def get(sandbox: SimpleNamespace) -> Iterator[Get]:
    """get(path, **query) with the key, unless another is given."""
    with serving(app_of(sandbox, Log())) as url:

        def ask(path: str, authorization: str = "", **query: str) -> httpx.Response:
            return httpx.get(
                f"{url}/youtube{path}",
                params={"key": TOKEN, **query},
                headers={"Authorization": authorization},
            )

        yield ask


def talked(world: SmallWorld) -> Message:
    return next(m for m in world.said.values() if m.created_at == NOW - 10 * DAY)


def reason(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["errors"][0]["reason"]


# -- ids


@given(st.integers(0, (1 << 63) - 1))
def test_ids_come_back(number: int) -> None:
    video, channel, thread = (
        make(number) for make in (objects.video_id, objects.channel_id, objects.thread_id)
    )
    assert (len(video), len(channel), len(thread)) == (11, 24, 26)
    assert objects.message_id_of(video) == number
    assert objects.user_id_of(channel) == objects.user_id_of("UU" + channel[2:]) == number
    assert objects.message_of_thread(thread) == number


@given(st.text(max_size=30))
def test_what_is_no_id_is_nobody(text: str) -> None:
    for read in (objects.message_id_of, objects.user_id_of, objects.message_of_thread):
        number = read(text)
        assert number is None or text in (
            objects.video_id(number),
            objects.channel_id(number),
            "UU" + objects.channel_id(number)[2:],
            objects.thread_id(number),
        )


@given(st.integers(0, 10**9))
def test_subscribers_are_shown_in_three_digits(count: int) -> None:
    shown = objects.subscribers_shown(count)
    assert shown <= count and len(str(shown).rstrip("0")) <= 3
    assert (count < 1000 and shown == count) or 0 <= count - shown < count / 100


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (999, 999), (1234, 1230), (123_999, 123_000)])
def test_subscribers_are_rounded_down(count: int, shown: int) -> None:
    assert objects.subscribers_shown(count) == shown


# -- resources


def test_a_channel_by_id_and_by_handle(get: Get) -> None:
    name = objects.channel_id(1001)
    part = "snippet,statistics,contentDetails"
    [one] = get(f"{DATA}/channels", part=part, id=name).json()["items"]
    [other] = get(f"{DATA}/channels", part=part, forHandle="@gemeente1").json()["items"]
    assert one == other
    assert one["contentDetails"]["relatedPlaylists"]["uploads"] == "UU" + name[2:]
    assert one["statistics"] == {
        "viewCount": str(8 * 900),
        "subscriberCount": "5000",
        "hiddenSubscriberCount": False,
        "videoCount": "8",
    }
    [bare] = get(f"{DATA}/channels", part="id", id=name).json()["items"]
    assert set(bare) == {"kind", "etag", "id"}


def test_who_is_not_found_is_left_out(get: Get) -> None:
    known = objects.channel_id(1001)
    answer = get(f"{DATA}/channels", part="id", id=f"{known},UC{'x' * 22}").json()
    assert [row["id"] for row in answer["items"]] == [known]
    assert "items" not in get(f"{DATA}/channels", part="id", id="UC" + "x" * 22).json()


def test_channels_come_by_five_unless_more_are_asked_for(get: Get, world: SmallWorld) -> None:
    ids = ",".join(objects.channel_id(world.channel(n).user_id) for n in range(3, 11))
    assert len(get(f"{DATA}/channels", part="id", id=ids).json()["items"]) == 5
    assert len(get(f"{DATA}/channels", part="id", id=ids, maxResults="50").json()["items"]) == 8


def test_uploads_page_by_page(get: Get, world: SmallWorld) -> None:
    uploads = "UU" + objects.channel_id(1001)[2:]
    found: list[str] = []
    token: dict[str, str] = {}
    for size in (3, 3, 2):
        query = {"part": "contentDetails", "playlistId": uploads, "maxResults": "3", **token}
        page = get(f"{DATA}/playlistItems", **query).json()
        assert len(page["items"]) == size
        assert page["pageInfo"] == {"totalResults": 8, "resultsPerPage": 3}
        found += [row["contentDetails"]["videoId"] for row in page["items"]]
        token = {"pageToken": page.get("nextPageToken", "")}
    assert token == {"pageToken": ""}
    served = [m for m in world.own(world.accounts[0], NOW - 90 * DAY, NOW) if m.kind == "original"]
    assert found == [objects.video_id(m.message_id) for m in served]  # the one of 91 days is not


def test_a_video_counts_replies_among_its_comments(get: Get, world: SmallWorld) -> None:
    name = objects.video_id(talked(world).message_id)
    [row] = get(f"{DATA}/videos", part="snippet,statistics", id=f"{name},{'x' * 11}").json()[
        "items"
    ]
    assert row["statistics"] == {
        "viewCount": "900", "likeCount": "11", "favoriteCount": "0", "commentCount": "5",
    }  # fmt: skip
    assert row["snippet"]["publishedAt"] == "2026-09-20T20:00:00Z"


def test_threads_show_a_limited_number_of_replies(get: Get, world: SmallWorld) -> None:
    name = objects.video_id(talked(world).message_id)
    query = {"part": "snippet,replies", "videoId": name, "textFormat": "plainText"}
    own, asked = get(f"{DATA}/commentThreads", **query).json()["items"]
    assert "replies" not in own and own["snippet"]["totalReplyCount"] == 0
    assert own["snippet"]["topLevelComment"]["snippet"]["authorChannelId"] == {
        "value": objects.channel_id(1001)
    }
    assert (asked["snippet"]["totalReplyCount"], len(asked["replies"]["comments"])) == (3, 2)
    top = asked["snippet"]["topLevelComment"]
    assert top["id"] == asked["id"] and "parentId" not in top["snippet"]
    assert top["snippet"]["textDisplay"] == "Waar & <wanneer>?\nMorgen?"
    assert top["snippet"]["authorDisplayName"] == f"@{CITIZEN.handle}"
    replies = get(f"{DATA}/comments", part="snippet", parentId=asked["id"]).json()["items"]
    assert [r["snippet"]["parentId"] for r in replies] == [asked["id"]] * 3
    assert all("videoId" not in r["snippet"] for r in replies)
    assert [r["id"] for r in replies[:2]] == [r["id"] for r in asked["replies"]["comments"]]
    html = get(f"{DATA}/commentThreads", part="snippet", videoId=name).json()["items"][1]
    text = html["snippet"]["topLevelComment"]["snippet"]["textDisplay"]
    assert text == "Waar &amp; &lt;wanneer&gt;?<br>Morgen?"
    assert "replies" not in html  # a part that nobody asked for


def test_a_channels_threads_are_all_its_videos_newest_first(get: Get, world: SmallWorld) -> None:
    late = world.comment(world.accounts[0], talked(world), 9 * DAY)
    other = world.comment(world.accounts[0], world.own(world.accounts[0], NOW - DAY, NOW)[0])
    query = {"allThreadsRelatedToChannelId": objects.channel_id(1001)}
    rows = get(f"{DATA}/commentThreads", part="snippet", **query).json()["items"]
    assert [row["id"] for row in rows[:2]] == [
        objects.thread_id(other.message_id),
        objects.thread_id(late.message_id),
    ]
    assert len({row["snippet"]["videoId"] for row in rows}) == 2


# -- refusals


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        ("channels", {"id": "UC1"}, (400, "missingRequiredParameter")),
        ("channels", {"part": "id"}, (400, "invalidFilters")),
        ("channels", {"part": "id", "id": "a", "forHandle": "b"}, (400, "invalidFilters")),
        ("channels", {"part": "id", "id": ",".join("a" * 51)}, (400, "invalidFilters")),
        ("channels", {"part": "id,brandingSettings", "id": "a"}, (400, "unknownPart")),
        ("channels", {"part": "id", "mine": "true"}, (400, "unexpectedParameter")),
        ("videos", {"part": "id", "id": ",".join("a" * 51)}, (400, "invalidFilters")),
        ("videos", {"part": "id", "id": "a", "maxResults": "50"}, (400, "unexpectedParameter")),
        ("playlistItems", {"part": "id", "playlistId": "UUx"}, (404, "playlistNotFound")),
        ("commentThreads", {"part": "id", "videoId": "x" * 11}, (404, "videoNotFound")),
        ("commentThreads", {"part": "id"}, (400, "invalidFilters")),
        (
            "commentThreads",
            {"part": "id", "allThreadsRelatedToChannelId": "UCx"},
            (404, "channelNotFound"),
        ),
        ("comments", {"part": "id", "parentId": "Ugx"}, (404, "commentNotFound")),
    ],
)
def test_what_is_refused(get: Get, path: str, query: dict[str, str], said: tuple[int, str]) -> None:
    assert reason(get(f"{DATA}/{path}", **query)) == said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"maxResults": "0"}, "invalidParameter"),
        ({"maxResults": "51"}, "invalidParameter"),
        ({"maxResults": "many"}, "invalidParameter"),
        ({"pageToken": "abc"}, "invalidPageToken"),
    ],
)
def test_a_page_that_cannot_be(get: Get, more: dict[str, str], said: str) -> None:
    uploads = "UU" + objects.channel_id(1001)[2:]
    response = get(f"{DATA}/playlistItems", part="id", playlistId=uploads, **more)
    assert reason(response) == (400, said)


def test_a_channel_without_videos_has_no_uploads(get: Get) -> None:
    uploads = "UU" + objects.channel_id(1002)[2:]
    response = get(f"{DATA}/playlistItems", part="id", playlistId=uploads)
    assert reason(response) == (404, "playlistNotFound")


@pytest.mark.parametrize(("key", "status"), [("", 403), ("wrong", 400)])
def test_a_key_is_needed(get: Get, key: str, status: int) -> None:
    response = get(f"{DATA}/channels", part="id", id="UC1", key=key)
    assert response.status_code == status
    details = response.json()["error"].get("details", [])
    assert [d["reason"] for d in details] == (["API_KEY_INVALID"] if key else [])


def test_the_days_units_end(get: Get, sandbox: SimpleNamespace) -> None:
    sandbox.rate_limit_scale = 3 / routes_youtube.UNITS
    asked = [get(f"{DATA}/channels", part="id", id="UC1") for _ in range(4)]
    assert [r.status_code for r in asked] == [200, 200, 200, 403]
    assert reason(asked[3]) == (403, "quotaExceeded")
    sandbox.now = lambda: NOW + timedelta(hours=11)  # midnight in California has passed
    assert get(f"{DATA}/channels", part="id", id="UC1").status_code == 200


@pytest.mark.parametrize(
    ("kind", "path", "status", "says"),
    [
        ("throttle", "channels", 403, "rateLimitExceeded"),
        ("throttle_400", "channels", 429, "RATE_LIMIT_EXCEEDED"),
        ("quota_spent", "videos", 403, "quotaExceeded"),
        ("token_expired", "videos", 400, "API_KEY_INVALID"),
        ("token_expired", "reports", 401, "authError"),
        ("permission", "commentThreads", 403, "forbidden"),
        ("not_found", "channels", 200, '"totalResults":0'),
        ("not_found", "videos", 200, "youtube#videoListResponse"),
        ("not_found", "playlistItems", 404, "playlistNotFound"),
        ("not_found", "commentThreads", 404, "videoNotFound"),
        ("not_found", "comments", 404, "commentNotFound"),
        ("not_found", "reports", 403, "forbidden"),
    ],
)
def test_faults(sandbox: SimpleNamespace, kind: str, path: str, status: int, says: str) -> None:
    request = SimpleNamespace(url=httpx.URL(f"http://sandbox/youtube{DATA}/{path}"))
    response = routes_youtube.error_response(kind, sandbox, request)
    assert response.status_code == status
    assert says in response.body.decode()


# -- owners' reports


def test_a_report_by_day_ends_two_days_ago(get: Get) -> None:
    query = {"ids": f"channel=={objects.channel_id(1001)}", "startDate": "2026-09-26"}
    query |= {"endDate": "2026-09-30", "dimensions": "day", "metrics": "views,likes"}
    table = get("/v2/reports", f"Bearer {TOKEN}", **query).json()
    assert [head["name"] for head in table["columnHeaders"]] == ["day", "views", "likes"]
    days = ["2026-09-26", "2026-09-27", "2026-09-28"]
    assert table["rows"] == [[day, 5 + int(day[-2:]), 5 + int(day[-2:])] for day in days]
    query["startDate"] = "2026-09-29"
    assert "rows" not in get("/v2/reports", f"Bearer {TOKEN}", **query).json()


def test_a_report_by_video_knows_the_channels_videos_only(get: Get, world: SmallWorld) -> None:
    foreign = world.video(world.accounts[1], 20 * DAY)
    names = [objects.video_id(m.message_id) for m in (talked(world), foreign)]
    query = {"ids": f"channel=={objects.channel_id(1001)}", "startDate": "2026-09-01"}
    query |= {"endDate": "2026-09-30", "dimensions": "video", "metrics": "views"}
    query |= {"filters": f"video=={','.join(names)}", "sort": "-views", "maxResults": "200"}
    table = get("/v2/reports", f"Bearer {TOKEN}", **query).json()
    assert [row[0] for row in table["rows"]] == names[:1]


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"metrics": "views,annotationClicks"}, 400, "Unknown identifier (annotationClicks)"),
        ({"dimensions": "month"}, 400, "The query is not supported"),
        ({"startDate": "yesterday"}, 400, "startDate"),
        ({"startDate": "2026-10-01"}, 400, "must not be after"),
        ({"sort": "-likes"}, 400, "sorts"),
        ({"colour": "red"}, 400, "colour"),
        ({"ids": "channel==MINE"}, 403, "insufficient permission"),
        ({"dimensions": "video", "sort": "-views", "maxResults": "9"}, 400, "not supported"),
        ({"dimensions": "video", "sort": "-views"}, 400, "maxResults"),
    ],
)
def test_a_report_that_is_refused(get: Get, change: dict[str, str], status: int, says: str) -> None:
    query = {"ids": f"channel=={objects.channel_id(1001)}", "startDate": "2026-09-26"}
    query |= {"endDate": "2026-09-30", "dimensions": "day", "metrics": "views", "sort": "day"}
    response = get("/v2/reports", f"Bearer {TOKEN}", **(query | change))
    assert response.status_code == status
    assert says in response.json()["error"]["message"]


def test_a_report_needs_the_owners_token(get: Get) -> None:
    assert get("/v2/reports", "Bearer wrong").status_code == 401
    assert get("/v2/reports").status_code == 401


# -- the real world


def test_the_worlds_subscribers_are_those_that_youtube_shows() -> None:
    account = SimpleNamespace(platform="youtube")
    assert World._shown(account, 12_345) == 12_300
    assert World._shown(SimpleNamespace(platform="x"), 12_345) == 12_345


def test_nothing_but_json_is_answered(get: Get) -> None:
    response = get(f"{DATA}/channels", part="id", id="UC1")
    assert response.headers["content-type"] == "application/json; charset=UTF-8"
    assert json.loads(response.content)["kind"] == "youtube#channelListResponse"
