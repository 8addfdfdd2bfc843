"""YouTube (Data API v3): channels by the fifty, uploads, videos by the fifty, comment threads.

A channel costs a unit for its uploads, a fiftieth for its profile and for each recent video, and
about one for its threads, which are only asked for where the ledger wants them. search.list is not
used: it has a small budget of its own and finds nothing that the uploads do not hold.

Subscribers are rounded down to three digits by YouTube, and may be hidden. A video does not say how
often it was shared. Comments under videos that are 14 days older than the window are not read.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from klankbord import settings
from klankbord.budget import Cost, Purpose, thread_purpose
from klankbord.http import Client
from klankbord.platforms import prices
from klankbord.platforms.base import (
    WINDOW_DAYS,
    Account,
    Connector,
    FieldRules,
    OwnerToken,
    Window,
    no_token,
)
from klankbord.platforms.conversations import wants_thread
from klankbord.platforms.events import INSIGHT_KEYS, Event, Outcome, Stream, ThreadRead
from klankbord.platforms.ledger import THREAD_AGE
from klankbord.platforms.youtube_answers import classify
from klankbord.platforms.youtube_insights import Insights
from klankbord.platforms.youtube_items import (
    COMMENT_KEPT,
    POST_KEPT,
    PROFILE_KEPT,
    Channel,
    message,
    posts,
    profile,
)
from klankbord.platforms.youtube_lists import (
    MOST_IDS,
    channels,
    id_of,
    list_uploads,
    read_videos,
)
from klankbord.platforms.youtube_threads import comments_of
from klankbord.verdicts import RequestError, Throttled


class YouTube(Connector):
    """Channels: subscribers, videos with their counters, comments and replies under them."""

    name = "youtube"
    title = "YouTube"
    evidence = "official contract + our sandbox"
    streams = ("profiles", "posts", "messages", "insights")
    batch_size = MOST_IDS
    accounts_per_call = MOST_IDS
    # The text of a video is not stored: people stand in titles and descriptions by their bare
    # names, which no rule can blank. Its length and hashtags are computed before landing.
    fields: ClassVar[Mapping[Stream, FieldRules]] = {
        "profiles": FieldRules(own=PROFILE_KEPT, citizen=frozenset()),
        "posts": FieldRules(own=POST_KEPT, citizen=frozenset()),
        "messages": FieldRules(own=COMMENT_KEPT, citizen=COMMENT_KEPT),
        "insights": FieldRules(own=INSIGHT_KEYS, citizen=frozenset()),
    }
    classify = staticmethod(classify)
    profile_paths: ClassVar[Mapping[str, str]] = {
        "followers": "statistics.subscriberCount",
        "handle": "snippet.customUrl",
        "user_id": "id",
    }

    def __init__(self, client: Client, owner_token: OwnerToken = no_token) -> None:
        super().__init__(client, owner_token)
        self._insights = Insights(client)

    @classmethod
    def client_options(cls, token: str) -> dict[str, Any]:
        """The key of the Data API is a query parameter; the client adds it and never logs it."""
        return {"params": {"key": token}} if token else {}

    @classmethod
    def forecast(
        cls, accounts: int, posts_per_day: float, threads_per_day: float, owners: int = 0
    ) -> Mapping[Purpose, Cost]:
        """A call a channel for its uploads, one for fifty videos of the last 44 days, and one for
        the threads of a channel that was answered in the last 14; two reports an owner."""
        counted = accounts * posts_per_day * (WINDOW_DAYS + THREAD_AGE.days)
        talking = accounts * (1 - math.exp(-threads_per_day * THREAD_AGE.days))
        return prices.forecast(
            cls.name,
            {
                "profiles": (-(-accounts // MOST_IDS), accounts),
                "posts": (accounts + -(-counted // MOST_IDS), counted),
                "open_threads": (talking, talking),
                "insights": (2 * owners, 2 * owners),
            },
        )

    def extract(self, accounts: Sequence[Account], window: Window) -> Iterator[Event]:
        """See Connector. Channels come by the fifty where their ids are known, else one by one."""
        by_id = [account for account in accounts if id_of(account)]
        by_handle = [account for account in accounts if not id_of(account)]
        for group in (by_id, by_handle):
            for start in range(0, len(group), MOST_IDS):
                yield from self._batch(group[start : start + MOST_IDS], window)

    def _batch(self, accounts: Sequence[Account], window: Window) -> Iterator[Event]:
        found: list[Channel] = []
        for account, answer in channels(self.client, accounts):
            error = (
                answer if isinstance(answer, RequestError) else self.stranger(account, answer["id"])
            )
            if error:
                yield from self.outcomes(account, window, error.status, error.reason, str(error))
            else:
                found.append(Channel(account, answer))
        for channel in found:
            wanted = set(self.streams_of(channel.account, window)) - {"profiles"}
            oldest = window.since - THREAD_AGE if "messages" in wanted else window.since
            if wanted:
                list_uploads(self.client, channel, oldest, window.until)
        read_videos(self.client, found)
        for channel in found:
            # a list: nothing of an account is yielded when the quota ends half-way
            yield from list(self._account(channel, window))

    def _account(self, channel: Channel, window: Window) -> Iterator[Event]:
        """All items and outcomes of an account whose channel was found."""
        who, streams = channel.account.account_id, self.streams_of(channel.account, window)
        if "profiles" in streams:
            yield profile(channel)
            yield Outcome(who, "profiles", "ok")
        readers: dict[Stream, Callable[[Channel, Window], Iterator[Event]]] = {
            "posts": self._posts,
            "messages": self._messages,
            "insights": lambda c, w: self._insights.read(c, self.token_of(c.account), w),
        }
        for stream in [name for name in readers if name in streams]:
            try:
                if channel.failed:
                    raise channel.failed
                yield from list(readers[stream](channel, window))
            except Throttled:
                raise
            except RequestError as error:
                yield Outcome(who, stream, error.status, error.reason, str(error))

    def _posts(self, channel: Channel, window: Window) -> Iterator[Event]:
        """Videos; where some came without counters, nothing is said about deleted ones."""
        who, since, detail = channel.account.account_id, window.since, ""
        yield from posts(channel, window)
        if channel.hidden:
            detail = f"YouTube lists {channel.hidden} videos of which it gives no counters."
        complete_since = None if channel.hidden else since
        yield Outcome(who, "posts", "ok", detail=detail, complete_since=complete_since)

    def _messages(self, channel: Channel, window: Window) -> Iterator[Event]:
        """What was said in the window under the channel's videos, by citizens and by itself."""
        who, ledger = channel.account.account_id, channel.account.ledger
        counted = [(video, video.answers) for video in channel.videos if video.answers is not None]
        for video, answers in counted:
            if ledger.is_emptied(video.video_id, answers):
                yield ThreadRead(who, video.video_id)
        wanted = [
            v
            for v, n in counted
            if wants_thread(channel.account, v.video_id, v.created_at, n, window)
        ]
        disabled = len(channel.videos) - len(counted)
        for video, comments in comments_of(self._ask, channel.channel_id, wanted, channel.videos):
            if comments is None:
                disabled += 1
                continue
            found = [message(channel, video, comment) for comment in comments]
            inside = [m for m in found if m.created_at and _is_in(m.created_at, window)]
            yield from inside
            if len(inside) == len(found):
                yield ThreadRead(who, video.video_id)
        total = len(channel.videos)
        detail = f"Comments are disabled on {disabled} of {total} videos." if disabled else ""
        yield Outcome(who, "messages", "ok", detail=detail)

    def _ask(self, path: str, params: Mapping[str, Any], ages: Sequence[datetime]) -> Any:
        purpose = thread_purpose(max(ages), settings.now())
        return self.client.get(path, params, purpose=purpose)


def _is_in(at: datetime, window: Window) -> bool:
    return window.since <= at < window.until
