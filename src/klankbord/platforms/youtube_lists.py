"""The lists of the Data API that a scan reads: channels by the fifty, their uploads, the videos.

An error that concerns one channel is that channel's; the quota's end is raised.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from klankbord.http import Client
from klankbord.platforms.base import Account
from klankbord.platforms.youtube_answers import moment, pages, resources
from klankbord.platforms.youtube_items import Channel, Video
from klankbord.verdicts import Gone, RequestError, Throttled

MOST_IDS = 50  # of channels.list and videos.list, and a page of playlistItems.list
CHANNELS, UPLOADS = "/youtube/v3/channels", "/youtube/v3/playlistItems"
VIDEOS = "/youtube/v3/videos"


def id_of(account: Account) -> str | None:
    """The channel's id: UC and 22 signs, as the register's id or in place of a handle."""
    known = account.platform_user_id or account.handle
    return known if known.startswith("UC") and len(known) == 24 else None


def channels(
    client: Client, accounts: Sequence[Account]
) -> Iterator[tuple[Account, Mapping[str, Any] | RequestError]]:
    """Each account with its channel, or with the error that took its place."""
    params = {"part": "snippet,statistics,contentDetails", "maxResults": MOST_IDS}
    asked: list[tuple[dict[str, str], list[Account]]] = []
    if known := [account for account in accounts if id_of(account)]:
        ids = ",".join(dict.fromkeys(str(id_of(account)) for account in known))
        asked.append(({"id": ids}, known))
    asked += [
        ({"forHandle": f"@{account.handle}"}, [account])
        for account in accounts
        if not id_of(account)
    ]
    for chosen, group in asked:
        try:
            rows = resources(client.get(CHANNELS, {**params, **chosen}), CHANNELS)
        except Throttled:
            raise
        except Gone as error:  # a wrong address, not fifty deleted channels
            yield from ((a, RequestError(str(error), "request_failed")) for a in group)
            continue
        except RequestError as error:
            yield from ((account, error) for account in group)
            continue
        # a handle's answer is one channel, whatever its id
        by_id = {row["id"]: row for row in rows}
        only = rows[0] if rows and "forHandle" in chosen else None
        missing = Gone(f"GET {CHANNELS}: YouTube knows no such channel.", "account_not_found")
        for account in group:
            yield account, by_id.get(str(id_of(account)), only) or missing


def list_uploads(client: Client, channel: Channel, oldest: datetime, until: datetime) -> None:
    """List the channel's videos of [oldest, until); or note why that cannot be done."""
    try:
        if not channel.is_empty:
            for video_id, created_at in _uploads(client, channel, oldest):
                if oldest <= created_at < until:
                    channel.listed[video_id] = created_at
    except Throttled:
        raise
    except RequestError as error:
        channel.failed = error


def _uploads(client: Client, channel: Channel, oldest: datetime) -> Iterator[tuple[str, datetime]]:
    """(video, when it was published), newest first, to the end of the page with `oldest`. One
    that is not public has no such moment."""
    playlist = channel.payload["contentDetails"]["relatedPlaylists"]["uploads"]
    params = {"part": "contentDetails", "playlistId": playlist, "maxResults": MOST_IDS}
    try:
        for page in pages(lambda more: client.get(UPLOADS, more), UPLOADS, params):
            details = [row["contentDetails"] for row in page]
            dated = [
                (row["videoId"], moment(row["videoPublishedAt"]))
                for row in details
                if "videoPublishedAt" in row
            ]
            yield from dated
            if dated and dated[-1][1] < oldest:
                return
    except Gone as error:
        detail = f"GET {UPLOADS}: YouTube counts videos of the channel and lists none."
        raise RequestError(detail, "uploads_not_found") from error


def read_videos(client: Client, channels: Sequence[Channel]) -> None:
    """Read all the channels' listed videos by the fifty."""
    owners = {name: c for c in channels if not c.failed for name in c.listed}
    ids = list(owners)
    for start in range(0, len(ids), MOST_IDS):
        part = ids[start : start + MOST_IDS]
        params = {"part": "snippet,statistics", "id": ",".join(part)}
        try:
            for row in resources(client.get(VIDEOS, params), VIDEOS):
                owners[row["id"]].videos.append(Video.of(row))
        except Throttled:
            raise
        except RequestError as error:
            for name in part:
                owners[name].failed = error
    for channel in channels:
        channel.hidden = len(channel.listed) - len(channel.videos)
