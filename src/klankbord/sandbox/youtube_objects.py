"""The resources of the YouTube Data API v3 that the sandbox serves, and YouTube's forms of ids.

Ids are the world's numbers in YouTube's dress, and can be undressed again: a video has 11 signs, a
channel UC and 22, its uploads UU and the same 22, a thread 26, a reply its thread's and 11 more.
"""

import hashlib
import html
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from klankbord.sandbox.model import Counters, Message, Person, WorldAccount

_THREAD = ("Ug", "4AaABAg")
_SHOWN_DIGITS = 3


def subscribers_shown(count: int) -> int:
    """A count as YouTube shows it to others: three digits, rounded down (123,456 is 123,000)."""
    unit = 10 ** max(0, len(str(count)) - _SHOWN_DIGITS)
    return count // unit * unit


def rfc3339(moment: datetime) -> str:
    """2026-09-30T20:00:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_html(text: str) -> str:
    """A plain text in YouTube's HTML."""
    return html.escape(text).replace("\n", "<br>")


def channel_id(user_id: int) -> str:
    """UC and 22 signs: the number's 8 bytes and 8 of its digest."""
    number = user_id.to_bytes(8)
    return "UC" + _signs(number + hashlib.blake2b(number, digest_size=8).digest())


def user_id_of(channel: str) -> int | None:
    """The number of a channel's (or its uploads') id; None when nobody has that id."""
    number = int.from_bytes(_bytes(channel[2:])[:8])
    return number if channel[:2] in ("UC", "UU") and channel_id(number)[2:] == channel[2:] else None


def video_id(message_id: int) -> str:
    """11 signs."""
    return _signs(message_id.to_bytes(8))


def message_id_of(signs: str) -> int | None:
    """The number of a video; None when there can be none of that id."""
    number = int.from_bytes(_bytes(signs))
    return number if number < 1 << 63 and video_id(number) == signs else None


def thread_id(message_id: int) -> str:
    """The id of a top-level comment, which is that of its thread."""
    first, last = _THREAD
    return f"{first}{'x' * 6}{video_id(message_id)}{last}"


def comment_id(post: Message, message: Message) -> str:
    """The id of a comment under a video: a reply's begins with its thread's."""
    if message.parent_id in (None, post.message_id):
        return thread_id(message.message_id)
    return f"{thread_id(message.parent_id)}.{video_id(message.message_id)}"


def message_of_thread(signs: str) -> int | None:
    """The number of the top-level comment of a thread's id."""
    number = message_id_of(signs[8:19])
    return number if number is not None and thread_id(number) == signs else None


def _signs(number: bytes) -> str:
    return urlsafe_b64encode(number).decode().rstrip("=")


def _bytes(signs: str) -> bytes:
    try:
        return urlsafe_b64decode(signs + "=" * (-len(signs) % 4))
    except ValueError:
        return b""


def channel(account: WorldAccount, subscribers: int, videos: int, views: int) -> dict[str, Any]:
    """A channel with its statistics, which are numbers as text."""
    name = channel_id(account.user_id)
    return {
        **_head("channel", name),
        "snippet": {
            "title": account.name,
            "description": "",
            "customUrl": f"@{account.handle}",
            "publishedAt": "2012-03-01T09:00:00Z",
        },
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": f"UU{name[2:]}"}},
        "statistics": {
            "viewCount": str(views),
            "subscriberCount": str(subscribers),
            "hiddenSubscriberCount": False,
            "videoCount": str(videos),
        },
    }


def playlist_item(account: WorldAccount, post: Message, position: int) -> dict[str, Any]:
    """A video's place among the uploads."""
    channel, video, at = (
        channel_id(account.user_id),
        video_id(post.message_id),
        rfc3339(post.created_at),
    )
    return {
        **_head("playlistItem", _signs(f"{channel}.{video}".encode())),
        "snippet": {
            "publishedAt": at,
            "channelId": channel,
            "title": _title(post),
            "description": post.text,
            "channelTitle": account.name,
            "playlistId": f"UU{channel[2:]}",
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": video},
        },
        "contentDetails": {"videoId": video, "videoPublishedAt": at},
    }


def video(account: WorldAccount, post: Message, counters: Counters) -> dict[str, Any]:
    """A video with its counters as text; commentCount counts replies too."""
    return {
        **_head("video", video_id(post.message_id)),
        "snippet": {
            "publishedAt": rfc3339(post.created_at),
            "channelId": channel_id(account.user_id),
            "title": _title(post),
            "description": post.text,
            "channelTitle": account.name,
            "categoryId": "25",
            "liveBroadcastContent": "none",
        },
        "statistics": {
            "viewCount": str(counters.views),
            "likeCount": str(counters.reactions),
            "favoriteCount": "0",
            "commentCount": str(counters.comments),
        },
    }


def comment(
    account: WorldAccount, post: Message, message: Message, *, in_thread: bool
) -> dict[str, Any]:
    """A comment, with its author's name and picture. comments.list leaves the video out."""
    name = comment_id(post, message)
    snippet = {
        "channelId": channel_id(account.user_id),
        "videoId": video_id(post.message_id),
        "textDisplay": message.text,
        "textOriginal": message.text,
        **_author(message.author or account),
        "canRate": True,
        "viewerRating": "none",
        "likeCount": 0,
        "publishedAt": rfc3339(message.created_at),
        "updatedAt": rfc3339(message.created_at),
    }
    if "." in name:
        snippet["parentId"] = name.partition(".")[0]
    if not in_thread:
        del snippet["videoId"]
    return {**_head("comment", name), "snippet": snippet}


def thread(
    account: WorldAccount, post: Message, top: Message, replies: Sequence[Message], shown: int
) -> dict[str, Any]:
    """A thread with the first `shown` of its replies; without any there is no `replies`."""
    snippet = {
        "channelId": channel_id(account.user_id),
        "videoId": video_id(post.message_id),
        "topLevelComment": comment(account, post, top, in_thread=True),
        "canReply": True,
        "totalReplyCount": len(replies),
        "isPublic": True,
    }
    found = {**_head("commentThread", thread_id(top.message_id)), "snippet": snippet}
    if replies:
        nested = [comment(account, post, reply, in_thread=True) for reply in replies[:shown]]
        found["replies"] = {"comments": nested}
    return found


def _author(who: Person | WorldAccount) -> dict[str, Any]:
    name = channel_id(who.user_id)
    picture = who.avatar_url if isinstance(who, Person) else "https://yt3.example/own.jpg"
    return {
        "authorDisplayName": f"@{who.handle}" if isinstance(who, Person) else who.name,
        "authorProfileImageUrl": picture,
        "authorChannelUrl": f"http://www.youtube.com/@{who.handle}",
        "authorChannelId": {"value": name},
    }


def _title(post: Message) -> str:
    return post.text.partition("\n")[0][:100]


def _head(kind: str, name: str) -> dict[str, str]:
    etag = hashlib.blake2b(name.encode(), digest_size=20).digest()
    return {"kind": f"youtube#{kind}", "etag": _signs(etag), "id": name}
