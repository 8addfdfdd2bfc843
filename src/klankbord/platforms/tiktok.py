"""TikTok by the Display API v2: followers and videos with their counters, by their owner's token.

The token alone says whose account is read (scopes user.info.basic, user.info.profile,
user.info.stats, video.list), so whoever answers is compared with the register: a token of somebody
else's is refused, never counted. It lives 24 hours and is renewed with a refresh token of a year,
outside of here: a connector asks `token_of` and stores nothing. The API shows no comments, so
nothing is said of answering; and no reach, only views.

Evidence: documentation only. No server of TikTok's was asked from here. Limits: 600 requests a
minute for each path; an account costs one call and one for each 20 videos.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx

from klankbord import settings
from klankbord.platforms.base import Account, Connector, FieldRules, Window
from klankbord.platforms.events import Event, Item, Outcome, Stream
from klankbord.verdicts import Kind, Refused, RequestError, Throttled, Verdict, parse_reset

PAGE_SIZE = 20  # the most of max_count
USER_FIELDS = "open_id,username,follower_count,likes_count,video_count"
COUNTERS = ("like_count", "comment_count", "share_count", "view_count")
VIDEO_FIELDS = ",".join(("id", "create_time", "title", "video_description", *COUNTERS))
PROFILE_KEPT = frozenset(USER_FIELDS.split(","))
#: Not the description: it names people. Its length and tags are computed before.
VIDEO_KEPT = frozenset({"id", "create_time", *COUNTERS})


def classify(response: httpx.Response) -> Verdict:
    """By the code of the error object; "ok" stands there too when all is well."""
    code = _code(response)
    detail = f"(TikTok {code or '-'})"
    if response.status_code == 429 or code == "rate_limit_exceeded":
        back = parse_reset(response.headers.get("retry-after") or "60")  # a sliding minute
        return Verdict(Kind.THROTTLED, "throttled", detail, back)
    if code == "access_token_invalid":
        return Verdict(Kind.REFUSED, "token_expired", detail)
    if code in ("scope_not_authorized", "scope_permission_missed"):
        return Verdict(Kind.REFUSED, "permission", detail)
    if response.status_code == 401:
        return Verdict(Kind.REFUSED, "token_expired", detail)
    if response.is_server_error or code == "internal_error":
        return Verdict(Kind.RETRY, "server_error", detail)
    if response.is_success and code in ("ok", None):
        return Verdict(Kind.OK)
    return Verdict(Kind.BAD_REQUEST, "bad_request", detail)


def _code(response: httpx.Response) -> str | None:
    try:
        error = response.json()["error"]
        return str(error["code"])
    except (ValueError, KeyError, TypeError):
        return None


class TikTok(Connector):
    """An owner's followers and public videos."""

    name = "tiktok"
    title = "TikTok"
    evidence = "documentation only"
    streams = ("profiles", "posts")
    batch_size = 100
    is_owners_only = True
    fields: ClassVar[Mapping[Stream, FieldRules]] = {
        "profiles": FieldRules(own=PROFILE_KEPT, citizen=frozenset()),
        "posts": FieldRules(own=VIDEO_KEPT, citizen=frozenset()),
    }
    classify = staticmethod(classify)
    profile_paths: ClassVar[Mapping[str, str]] = {
        "followers": "follower_count",
        "handle": "username",
        "user_id": "open_id",
    }

    @classmethod
    def client_options(cls, token: str) -> dict[str, Any]:
        """A token for everybody would be somebody's: each call carries its account's own."""
        return {}

    def extract(self, accounts: Sequence[Account], window: Window) -> Iterator[Event]:
        """See Connector."""
        for account in accounts:
            try:
                yield from self._account(account, window)
            except Throttled:
                raise
            except RequestError as error:
                yield from self.outcomes(account, window, error.status, error.reason, str(error))

    def _account(self, account: Account, window: Window) -> list[Event]:
        """All events of an account, or an error that concerns all its streams."""
        who, streams = account.account_id, self.streams_of(account, window)
        headers = self._headers(account)
        answer = self.client.get(
            "/v2/user/info/", {"fields": USER_FIELDS}, headers=headers, purpose="profiles"
        )
        user = answer["data"]["user"]
        own = str(user["open_id"])
        self.recognise(account, own, user.get("username"))
        events: list[Event] = []
        if "profiles" in streams:
            events = [
                Item(who, "profiles", own, user, own, is_own=True),
                Outcome(who, "profiles", "ok"),
            ]
        if "posts" not in streams:
            return events
        try:
            videos = [
                _video(account, own, video)
                for video in self._videos(headers, window)
                if window.since <= _created_at(video) < window.until
            ]
        except Throttled:
            raise
        except RequestError as error:
            return [*events, Outcome(who, "posts", error.status, error.reason, str(error))]
        return [*events, *videos, Outcome(who, "posts", "ok", complete_since=window.since)]

    def _headers(self, account: Account) -> dict[str, str]:
        token = self.token_of(account)
        if not token:
            raise Refused(
                "There is no token of this account's owner, and TikTok answers to no other.",
                "no_token",
            )
        if settings.is_sandbox():
            # there all owners gave one token: the account's id makes it his
            token = f"{token}.{account.platform_user_id}"
        return {"Authorization": f"Bearer {token}"}

    def _videos(self, headers: Mapping[str, str], window: Window) -> Iterator[Mapping[str, Any]]:
        """The public videos from the window's end back past its beginning, each once.

        The cursor is a moment in milliseconds: the first one is the window's end. A page may hold
        fewer than asked for and still be followed by another; `has_more` alone tells.
        """
        seen: set[str] = set()
        cursor = int(window.until.timestamp() * 1000)
        while True:
            data = self.client.post(
                "/v2/video/list/",
                params={"fields": VIDEO_FIELDS},
                json={"max_count": PAGE_SIZE, "cursor": cursor},
                headers=headers,
                purpose="posts",
            )["data"]
            videos = data.get("videos") or []
            fresh = [video for video in videos if video["id"] not in seen]
            seen.update(video["id"] for video in fresh)
            yield from fresh
            oldest = min((_created_at(v) for v in videos), default=window.until)
            if not data.get("has_more") or oldest < window.since:
                return
            following = int(data["cursor"])
            if (videos and not fresh) or following == cursor:
                raise RequestError("POST /v2/video/list/: TikTok repeats a page.", "repeated_page")
            cursor = following


def _created_at(video: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(video["create_time"]), UTC)


def _video(account: Account, own: str, video: Mapping[str, Any]) -> Item:
    return Item(
        account.account_id,
        "posts",
        str(video["id"]),
        video,
        own,
        is_own=True,
        text=video.get("video_description") or video.get("title") or "",
        created_at=_created_at(video),
        answers=video.get("comment_count"),
    )
