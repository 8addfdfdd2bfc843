"""What YouTube tells a channel's owner (Analytics API v2): the channel's days, its videos' lives.

Two calls an account at most, on a host of their own. A day is California's, and the last two or
three are not there yet; every scan reads the days of its window again, because they are mended. A
video's figures run from its beginning to the last day that is there; they are read when the video
is first seen and at the ages of its counters. An average is not asked for: it follows from minutes
and views, and nobody can sum it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from klankbord import settings
from klankbord.http import Client
from klankbord.platforms.base import Window
from klankbord.platforms.events import Event, Item, Outcome
from klankbord.platforms.metrics import offered
from klankbord.platforms.refusals import offer_of
from klankbord.platforms.youtube_answers import PACIFIC, QUOTA_SPENT
from klankbord.platforms.youtube_items import Channel, Video
from klankbord.verdicts import Refused, RequestError, ServerError, Throttled

REPORTS = "/v2/reports"
VIDEOS_A_CALL = 200  # the most rows of a report by video
_Row = dict[str, Any]


class Insights:
    """The owners' reports of one client: a spent budget is theirs alone and is met once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._spent: RequestError | None = None

    def read(self, channel: Channel, token: str | None, window: Window) -> Iterator[Event]:
        """All items and the outcome of the stream. Throttled is raised for a limit of speed only:
        the public data of the other accounts do not wait for tomorrow's reports."""
        account = channel.account
        try:
            if self._spent:
                raise self._spent
            if token is None:
                what = f"There is no token of the owner of {account.account_id}: ask for it."
                raise Refused(what, "token_missing")
            headers = {"Authorization": f"Bearer {token}"}
            # a list: what is ok is complete
            yield from list(self._events(channel, headers, window))
        except RequestError as error:
            if isinstance(error, Throttled):
                if error.reason != QUOTA_SPENT:
                    raise
                self._spent = error
            yield Outcome(account.account_id, "insights", error.status, error.reason, str(error))

    def _events(
        self, channel: Channel, headers: Mapping[str, str], window: Window
    ) -> Iterator[Event]:
        who, ledger = channel.account.account_id, channel.account.ledger
        ids = f"channel=={channel.channel_id}"
        span = {"startDate": _day(window.since), "endDate": _day(window.until)}
        days = {"ids": ids, "dimensions": "day", "sort": "day", **span}
        for row, names in self._report(who, "account", days, headers, window):
            for name in names:
                yield _item(channel, window, name, row[name], end_time=str(row["day"]))
        due = [
            video
            for video in channel.videos
            if window.since <= video.created_at < window.until
            and ledger.wants_insights(video.created_at, window.until)
        ]
        for start in range(0, len(due), VIDEOS_A_CALL):
            part = due[start : start + VIDEOS_A_CALL]
            lives = {"ids": ids, "endDate": _day(_latest(window)), **_lives(part)}
            for row, names in self._report(who, "post", lives, headers, window):
                for name in names:
                    yield _item(channel, window, name, row[name], video_id=str(row["video"]))
        scopes = ("account", "post") if due else ("account",)
        for level in scopes:
            wanted = offered("youtube", level, window.scan_on)
            yield from offer_of(self._client).refused(who, f"youtube {level}", wanted)
        yield Outcome(who, "insights", "ok")

    def _report(
        self,
        who: str,
        level: str,
        params: Mapping[str, Any],
        headers: Mapping[str, str],
        window: Window,
    ) -> Iterator[tuple[_Row, list[str]]]:
        """(row by column, the metrics in it). A metric that is refused costs that metric alone."""

        def get(names: list[str]) -> tuple[list[_Row], list[str]]:
            asked = {**params, "metrics": ",".join(names)}
            url = f"{_address(self._client)}{REPORTS}"
            answer = self._client.get(url, asked, headers=headers, purpose="insights")
            return _rows(answer), names

        wanted = offered("youtube", level, window.scan_on)
        for rows, names in offer_of(self._client).ask(f"youtube {level}", wanted, get):
            yield from ((row, names) for row in rows)


def _address(client: Client) -> str:
    """The reports' own host; the sandbox has one address for all."""
    if settings.is_sandbox():
        return client.base_url
    return settings.get("KLANKBORD_YOUTUBE_ANALYTICS_URL").rstrip("/")


def _latest(window: Window) -> datetime:
    """Up to when a life is told: a window of the past says which videos, not how old they got."""
    return max(window.until, datetime.combine(window.scan_on, time.min, settings.LOCAL_ZONE))


def _lives(videos: Sequence[Video]) -> dict[str, Any]:
    """The parameters of a report of these videos from the first of them on."""
    return {
        "dimensions": "video",
        "filters": "video==" + ",".join(video.video_id for video in videos),
        "startDate": _day(min(video.created_at for video in videos)),
        "sort": "-views",
        "maxResults": VIDEOS_A_CALL,
    }


def _rows(answer: Any) -> list[_Row]:
    """The rows by the names of their columns, in whatever order these come; none is no rows."""
    heads = answer.get("columnHeaders") if isinstance(answer, dict) else None
    if not isinstance(heads, list):
        raise ServerError(f"GET {REPORTS}: the report has no columns.", "malformed_answer")
    names = [str(head["name"]) for head in heads]
    return [dict(zip(names, row, strict=True)) for row in answer.get("rows", [])]


def _item(
    channel: Channel,
    window: Window,
    metric: str,
    value: Any,
    *,
    video_id: str | None = None,
    end_time: str | None = None,
) -> Item:
    """A figure: one an object, metric and day; of a life, one a scan."""
    period = "day" if end_time else "lifetime"
    payload = {
        "object": "post" if video_id else "account",
        "object_id": video_id,
        "metric": metric,
        "period": period,
        "end_time": end_time,
        "value": value,
    }
    item_id = f"{video_id or 'account'}/{metric}/{period}/{end_time or window.scan_on}"
    who = channel.account.account_id
    return Item(who, "insights", item_id, payload, channel.channel_id, is_own=True)


def _day(moment: datetime) -> str:
    return moment.astimezone(PACIFIC).date().isoformat()
