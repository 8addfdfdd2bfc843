"""Comment threads under a channel's videos, for as few calls as they can be had.

A call gives up to 100 threads, of one video or of all videos of a channel, newest first. So one
video is asked by itself, and for several the channel is, back to the oldest of them, as long as
that is cheaper. What the channel's list leaves out (the video counts more comments than came) is
asked of the video. A thread shows some of its replies; the others cost a call more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from klankbord.platforms.youtube_answers import COMMENTS_DISABLED, moment, pages
from klankbord.platforms.youtube_items import Video
from klankbord.verdicts import Gone, Refused

PAGE = 100  # the most that commentThreads.list and comments.list give
THREADS, REPLIES = "/youtube/v3/commentThreads", "/youtube/v3/comments"
Thread = Mapping[str, Any]
NOTHING = datetime.max.replace(tzinfo=UTC)  # known since never
#: (path, parameters, the moments of the videos that it is about) -> the answer
Ask = Callable[[str, Mapping[str, Any], Sequence[datetime]], Any]


class _TooLongError(Exception):
    """The channel's list would cost more than its videos' do."""


def comments_of(
    ask: Ask, channel_id: str, wanted: Sequence[Video], listed: Sequence[Video]
) -> Iterator[tuple[Video, list[Mapping[str, Any]] | None]]:
    """(video, all comments and replies under it) of each `wanted` video.

    None in their place when YouTube says, against its count, that comments are disabled. `listed`:
    all videos whose counters are known, which tell how long the channel's list may be.
    """
    apart = sum(_pages_of(video.answers) for video in wanted)
    known: dict[str, list[Thread]] = {}
    covered = NOTHING
    if len(wanted) > 1 and _pages_of(sum(v.answers or 0 for v in listed)) < apart:
        known, covered = _of_channel(ask, channel_id, wanted, apart - 1)
    for video in wanted:
        threads: list[Thread] | None = known.get(video.video_id, [])
        if video.created_at < covered or _count(threads) < (video.answers or 0):
            threads = _of_video(ask, video)
        if threads is None:
            yield video, None
            continue
        yield video, [c for thread in threads for c in _comments(ask, thread, video)]


def _pages_of(count: int | None) -> int:
    return max(1, -(-(count or 0) // PAGE))


def _count(threads: Sequence[Thread]) -> int:
    return sum(1 + thread["snippet"]["totalReplyCount"] for thread in threads)


def _of_channel(
    ask: Ask, channel_id: str, wanted: Sequence[Video], most: int
) -> tuple[dict[str, list[Thread]], datetime]:
    """(threads by video, since when they are all there): down to the oldest wanted video, or as far
    as `most` pages go; nothing where YouTube does not give them for the channel."""
    ages = [video.created_at for video in wanted]
    params = _params({"allThreadsRelatedToChannelId": channel_id, "order": "time"})
    found: dict[str, list[Thread]] = {}
    calls, last = 0, NOTHING

    def next_page(more: Mapping[str, Any]) -> Any:
        nonlocal calls
        if calls == most:
            raise _TooLongError
        calls += 1
        return ask(THREADS, more, ages)

    try:
        for page in pages(next_page, THREADS, params):
            for thread in page:
                found.setdefault(thread["snippet"].get("videoId", ""), []).append(thread)
            last = _created_at(page[-1]) if page else last
            if last < min(ages):
                break
    except _TooLongError:
        return found, last
    except (Gone, Refused):
        return {}, NOTHING
    return found, min(ages)


def _of_video(ask: Ask, video: Video) -> list[Thread] | None:
    params = _params({"videoId": video.video_id, "order": "time"})
    try:
        read = pages(lambda more: ask(THREADS, more, [video.created_at]), THREADS, params)
        return [thread for page in read for thread in page]
    except Gone:  # deleted since it was listed
        return []
    except Refused as error:
        if error.reason != COMMENTS_DISABLED:
            raise
        return None


def _comments(ask: Ask, thread: Thread, video: Video) -> Iterator[Mapping[str, Any]]:
    """The top-level comment and its replies."""
    snippet = thread["snippet"]
    replies = thread.get("replies", {}).get("comments", [])
    if snippet["totalReplyCount"] > len(replies):
        params = {"part": "snippet", "maxResults": PAGE, "textFormat": "plainText"}
        params["parentId"] = thread["id"]
        read = pages(lambda more: ask(REPLIES, more, [video.created_at]), REPLIES, params)
        try:
            replies = [reply for page in read for reply in page]
        except Gone:  # the comment was deleted since it was listed
            return
    yield from (snippet["topLevelComment"], *replies)


def _params(chosen: Mapping[str, str]) -> dict[str, Any]:
    fixed = {"part": "snippet,replies", "maxResults": PAGE, "textFormat": "plainText"}
    return {**fixed, **chosen}


def _created_at(thread: Thread) -> datetime:
    return moment(thread["snippet"]["topLevelComment"]["snippet"]["publishedAt"])
