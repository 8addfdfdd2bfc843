"""What an owner's token asks of Threads: lists page by page, conversations, counters."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from klankbord import settings
from klankbord.budget import Purpose
from klankbord.http import Client
from klankbord.platforms.base import Account
from klankbord.platforms.facebook_answers import continuation
from klankbord.verdicts import Refused, RequestError

PAGE_SIZE = 100  # the most of limit; conversations have a page size of their own
POST_FIELDS = "id,timestamp,media_type,text,is_quote_post,has_replies"
REPLY_FIELDS = "id,timestamp,media_type,text,is_quote_post,has_replies,replied_to,root_post"
MESSAGE_FIELDS = "id,timestamp,text,username,replied_to,root_post,is_reply_owned_by_me"
#: `replies` under a post counts those of every depth
COUNTERS = ("views", "likes", "replies", "reposts", "quotes")

Media = Mapping[str, Any]


class Ask:
    """What one owner's token asks."""

    def __init__(self, client: Client, token: str | None, account: Account) -> None:
        if not token:
            raise Refused(
                "There is no token of this account's owner, and Threads answers to no other.",
                "no_token",
            )
        if settings.is_sandbox():
            # there all owners gave one token: the account's id makes it his
            token = f"{token}.{account.platform_user_id}"
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, params: Mapping[str, Any], purpose: Purpose) -> Any:
        """GET with the owner's token."""
        return self._client.get(path, params, headers=self._headers, purpose=purpose)

    def posts(self, since: datetime, until: datetime) -> list[Media]:
        """The owner's posts and reposts created in [since, until)."""
        return self._listed("/me/threads", POST_FIELDS, since, until)

    def replies(self, since: datetime, until: datetime) -> list[Media]:
        """The owner's replies, to anybody."""
        return self._listed("/me/replies", REPLY_FIELDS, since, until)

    def _listed(self, path: str, fields: str, since: datetime, until: datetime) -> list[Media]:
        # Unix seconds: rounded outwards, and cut to the moment here
        span = {"since": int(since.timestamp()), "until": int(until.timestamp()) + 1}
        params = {"fields": fields, "limit": PAGE_SIZE, **span}
        rows = self._paged(path, params, "posts")
        return [media for media in rows if since <= created_at(media) < until]

    def conversation(self, media_id: str) -> list[Media]:
        """All replies of any depth under a post, oldest first."""
        params = {"fields": MESSAGE_FIELDS, "reverse": "false"}
        return list(self._paged(f"/{media_id}/conversation", params, "open_threads"))

    def counters(self, media_id: str) -> dict[str, int]:
        """A post's counters; none of them for a repost."""
        answer = self.get(f"/{media_id}/insights", {"metric": ",".join(COUNTERS)}, "counters_1_3")
        return {row["name"]: row["values"][0]["value"] for row in answer["data"]}

    def _paged(self, path: str, params: Mapping[str, Any], purpose: Purpose) -> Iterator[Media]:
        """Each row once. A short page is no end; a page that repeats itself is a broken list."""
        seen: set[str] = set()
        more: dict[str, str] = {}
        while True:
            page = self.get(path, {**params, **more}, purpose)
            rows = page.get("data", [])
            fresh = [row for row in rows if row["id"] not in seen]
            seen.update(row["id"] for row in fresh)
            yield from fresh
            more = continuation(page.get("paging", {}))
            if not more or not rows:
                return
            if not fresh:
                raise RequestError(f"GET {path}: Threads repeats a page.", "repeated_page")


def created_at(media: Media) -> datetime:
    """The moment of a post or reply; Threads writes +0000."""
    return datetime.fromisoformat(media["timestamp"])
