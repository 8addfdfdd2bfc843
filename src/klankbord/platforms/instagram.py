"""Instagram over the Graph API (v26): own accounts whole, others' by business_discovery.

Of an account whose owner gave us a token (tiers T2 and T3) one call brings followers, media, their
comments and the answers to them. Of anybody else's (T0, T1) business_discovery tells followers and
media with their counters, under a professional account of our own; it has no comments. Stories are
not in the list of media and vanish after a day: they are not read.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from klankbord.budget import Cost, Purpose
from klankbord.http import Client
from klankbord.platforms import instagram_insights, prices
from klankbord.platforms.base import Account, Connector, FieldRules, OwnerToken, Window, no_token
from klankbord.platforms.events import INSIGHT_KEYS, Event, Outcome, Stream
from klankbord.platforms.instagram_answers import (
    COMMENT_KEPT,
    MEDIA,
    MEDIA_KEPT,
    NESTED_COMMENTS,
    NESTED_REPLIES,
    PROFILE_FIELDS,
    PROFILE_KEPT,
    all_rows,
    classify,
    created_at,
    media_fields,
    media_item,
    profile_item,
    within,
)
from klankbord.platforms.instagram_calls import Calls
from klankbord.platforms.instagram_comments import thread
from klankbord.verdicts import RequestError, Throttled

#: Comments of a window may stand under media that are this much older, as on Facebook.
OLDER_MEDIA = timedelta(days=21)
Row = Mapping[str, Any]


class Instagram(Connector):
    """Professional accounts: followers, media, comments, insights, as far as their tier allows."""

    name = "instagram"
    title = "Instagram"
    evidence = "official field list + our sandbox"
    streams = ("profiles", "posts", "messages", "insights")
    batch_size = 100
    fields: ClassVar[Mapping[Stream, FieldRules]] = {
        "profiles": FieldRules(own=PROFILE_KEPT, citizen=frozenset()),
        # people are tagged by their handles, which are blanked
        "posts": FieldRules(own=MEDIA_KEPT, citizen=frozenset(), text=frozenset({"caption"})),
        "messages": FieldRules(own=COMMENT_KEPT, citizen=COMMENT_KEPT),
        "insights": FieldRules(own=INSIGHT_KEYS, citizen=frozenset()),
    }
    classify = staticmethod(classify)
    profile_paths: ClassVar[Mapping[str, str]] = {
        "followers": "followers_count",
        "handle": "username",
        "user_id": "id",
    }

    def __init__(self, client: Client, owner_token: OwnerToken = no_token) -> None:
        super().__init__(client, owner_token)
        self.calls = Calls(client)

    @classmethod
    def client_options(cls, token: str) -> dict[str, Any]:
        """Graph takes the token as a header, so that it stands in no address."""
        return {"headers": {"Authorization": f"Bearer {token}"}}

    @classmethod
    def forecast(
        cls, accounts: int, posts_per_day: float, threads_per_day: float, owners: int = 0
    ) -> Mapping[Purpose, Cost]:
        """A call an account brings its media and their first comments; one in twenty threads is
        longer than that. Insights cost a call an owner and one for each reading of a media."""
        readings = owners * posts_per_day * 5
        return prices.forecast(
            cls.name,
            {
                "profiles": (accounts, accounts),
                "open_threads": (accounts * threads_per_day / 20,) * 2,
                "insights": (owners + readings,) * 2,
            },
        )

    def extract(self, accounts: Sequence[Account], window: Window) -> Iterator[Event]:
        """See Connector. One call an account, and one for each further page."""
        for account in accounts:
            is_own = account.access_tier >= "T2"
            token = self.token_of(account) if is_own else None
            self.calls.begin({"Authorization": f"Bearer {token}"} if token else None)
            try:
                yield from self._own(account, window) if is_own else self._other(account, window)
            except Throttled:
                raise
            except RequestError as error:
                yield from self.outcomes(account, window, error.status, error.reason, str(error))

    # --- others ------------------------------------------------------------------------------

    def _other(self, account: Account, window: Window) -> list[Event]:
        """Followers and media of an account that is not ours, newest media first."""
        streams = self.streams_of(account, window)
        user = self.calls.discover(account.handle, "posts" in streams)
        self.recognise(account, user["id"])
        found: list[Event] = []
        if "profiles" in streams:
            found = [profile_item(account, user), Outcome(account.account_id, "profiles", "ok")]
        if "posts" not in streams:
            return found
        try:
            items = [
                media_item(account, user["id"], media)
                for media in self._others_media(account, user, window)
                if within(media, window)
            ]
        except Throttled:
            raise
        except RequestError as error:
            how = (error.status, error.reason, str(error))
            return [*found, Outcome(account.account_id, "posts", *how)]
        done = Outcome(account.account_id, "posts", "ok", complete_since=window.since)
        return [*found, *items, done]

    def _others_media(self, account: Account, user: Row, window: Window) -> Iterator[Row]:
        """The list cannot be asked for by time: it is followed until it is older than the window.
        Its pages tell a cursor and no `next`."""
        page, seen = user.get("media", {}), set[str]()
        while rows := page.get("data", []):
            fresh = [row for row in rows if row["id"] not in seen]
            if not fresh:
                raise RequestError(f"{account.handle}: Graph repeats a page.", "repeated_page")
            seen.update(row["id"] for row in fresh)
            yield from fresh
            after = page.get("paging", {}).get("cursors", {}).get("after")
            if not after or created_at(rows[-1]) < window.since:
                return
            page = self.calls.discover(account.handle, True, after).get("media", {})

    # --- own ---------------------------------------------------------------------------------

    def _own(self, account: Account, window: Window) -> list[Event]:
        """All events of an account of our own, or an error that concerns all its streams.

        A stream that fails half-way gives an outcome and no item: what is `ok` is complete.
        """
        who, streams = account.account_id, self.streams_of(account, window)
        user = self._user(account, window, streams)
        self.recognise(account, user["id"])
        found: list[Event] = []
        if "profiles" in streams:
            found = [profile_item(account, user), Outcome(who, "profiles", "ok")]
        lost = [stream for stream in streams if stream != "profiles"]
        media: list[Row] | None = None
        try:
            media = self._media(user, window, "messages" in streams) if lost else []
            if "posts" in streams:
                found += [media_item(account, user["id"], m) for m in media if within(m, window)]
                found.append(Outcome(who, "posts", "ok", complete_since=window.since))
                lost.remove("posts")
            if "messages" in streams:
                found += [
                    e for m in media for e in thread(self.calls, account, user["id"], m, window)
                ]
                found.append(Outcome(who, "messages", "ok"))
        except Throttled:
            raise
        except RequestError as error:
            lost = [s for s in lost if s != "insights" or media is None]
            found += [Outcome(who, s, error.status, error.reason, str(error)) for s in lost]
        if "insights" in streams and media is not None:
            recent = [m for m in media if within(m, window)]
            found += instagram_insights.read(
                self.client, account, window, user, recent, self.calls.headers
            )
        return found

    def _user(self, account: Account, window: Window, streams: Sequence[Stream]) -> Row:
        def fields() -> str:
            if set(streams) <= {"profiles"}:
                return PROFILE_FIELDS
            span = "".join(f".{name}({at})" for name, at in _span(window).items())
            inner = self._media_fields("messages" in streams)
            return f"{PROFILE_FIELDS},media{span}.limit({self.calls.size(MEDIA)}){{{inner}}}"

        node = account.platform_user_id or account.handle
        return self.calls.get(f"/{quote(node, safe='')}", lambda: {"fields": fields()})

    def _media_fields(self, with_comments: bool) -> str:
        comments = self.calls.size(NESTED_COMMENTS) if with_comments else None
        return media_fields(comments, self.calls.size(NESTED_REPLIES))

    def _media(self, user: Row, window: Window, with_comments: bool) -> list[Row]:
        """All media since OLDER_MEDIA before the window, newest first."""
        path = f"/{user['id']}/media"

        def more(cursor: Mapping[str, str]) -> Row:
            return self.calls.get(
                path,
                lambda: {
                    "fields": self._media_fields(with_comments),
                    "limit": self.calls.size(MEDIA),
                    **_span(window),
                    **cursor,
                },
                "posts",
            )

        return list(all_rows(user.get("media", {}), path, more))


def _span(window: Window) -> dict[str, int]:
    since = int((window.since - OLDER_MEDIA).timestamp())
    return {"since": since, "until": int(window.until.timestamp())}
