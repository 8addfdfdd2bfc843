"""What becomes of YouTube's resources: a channel's videos and the comments under them as items."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Item
from klankbord.platforms.youtube_answers import moment, whole
from klankbord.verdicts import RequestError

PROFILE_KEPT = frozenset({"id", "snippet.customUrl"}) | {
    f"statistics.{name}"
    for name in ("subscriberCount", "hiddenSubscriberCount", "videoCount", "viewCount")
}
POST_KEPT = frozenset({"id", "snippet.publishedAt"}) | {
    f"statistics.{name}" for name in ("viewCount", "likeCount", "commentCount")
}
#: `post_id` is ours: a reply does not always say under which video it stands.
COMMENT_KEPT = frozenset({"id", "post_id", "snippet.publishedAt", "snippet.parentId"})


@dataclass(frozen=True, slots=True)
class Video:
    """A video of a channel. `answers`: its commentCount, replies included; None where comments are
    disabled (YouTube then leaves it out)."""

    video_id: str
    created_at: datetime
    answers: int | None
    payload: Mapping[str, Any]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Video":
        """From a resource with snippet and statistics."""
        answers = whole(row.get("statistics", {}).get("commentCount"))
        return cls(row["id"], moment(row["snippet"]["publishedAt"]), answers, row)


@dataclass(slots=True)
class Channel:
    """An account with what was found of it: its resource; the recent uploads, first as a list with
    their moments, then with their counters; `hidden`, the listed ones that came without these;
    `failed`, what keeps them from being read."""

    account: Account
    payload: Mapping[str, Any]
    listed: dict[str, datetime] = field(default_factory=dict)
    videos: list[Video] = field(default_factory=list)
    hidden: int = 0
    failed: RequestError | None = None

    @property
    def channel_id(self) -> str:
        return str(self.payload["id"])

    @property
    def is_empty(self) -> bool:
        """Whether there are no uploads to ask for: YouTube answers 404 to that."""
        count = whole(self.payload.get("statistics", {}).get("videoCount"))
        return count == 0 and not self.account.ledger.posts


def profile(channel: Channel) -> Item:
    """The channel itself."""
    own_id = channel.channel_id
    return Item(
        channel.account.account_id, "profiles", own_id, channel.payload, own_id, is_own=True
    )


def posts(channel: Channel, window: Window) -> Iterator[Item]:
    """The videos of the window. What is announced for later is none yet."""
    for video in channel.videos:
        snippet = video.payload["snippet"]
        is_out = snippet.get("liveBroadcastContent") != "upcoming"
        if is_out and window.since <= video.created_at < window.until:
            text = f"{snippet.get('title', '')}\n{snippet.get('description', '')}".strip()
            yield Item(
                channel.account.account_id,
                "posts",
                video.video_id,
                video.payload,
                channel.channel_id,
                is_own=True,
                text=text,
                created_at=video.created_at,
                answers=video.answers,
            )


def message(channel: Channel, video: Video, comment: Mapping[str, Any]) -> Item:
    """A comment or a reply, a citizen's or the channel's own."""
    snippet = comment["snippet"]
    author = (snippet.get("authorChannelId") or {}).get("value")
    is_own = author == channel.channel_id
    return Item(
        channel.account.account_id,
        "messages",
        comment["id"],
        {**comment, "post_id": video.video_id},
        author,
        is_own,
        text=snippet.get("textDisplay"),
        is_reply=is_own and "parentId" in snippet,
        created_at=moment(snippet["publishedAt"]),
        thread_id=video.video_id,
    )
