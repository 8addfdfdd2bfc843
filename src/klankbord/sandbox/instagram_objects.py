"""The graph over the world: Instagram's users, media and comments as Graph answers with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from starlette.requests import Request

from klankbord.sandbox import instagram_insights
from klankbord.sandbox.facebook_fields import Field, GraphError
from klankbord.sandbox.facebook_insights import graph_time
from klankbord.sandbox.facebook_objects import cursor_of, node_of
from klankbord.sandbox.graph_wire import bearer
from klankbord.sandbox.model import Message, WorldAccount

#: The professional account that belongs to the sandbox's token, and sees others.
OWN_ID = "17841400000002016"
SERVED = timedelta(days=120)
#: What an edge takes beside `as`; Graph ignores what it does not know, the sandbox refuses it.
MODIFIERS = {
    "media": frozenset({"since", "until", "limit", "after"}),
    "comments": frozenset({"limit", "after"}),
    "replies": frozenset({"limit", "after"}),
    "insights": frozenset({"metric", "period", "metric_type", "since", "until"}),
    "business_discovery": frozenset({"username"}),
}
COMMENT_DEFAULT = [Field("timestamp"), Field("text")]


def kind_of(message: Message) -> tuple[str, str]:
    """(media_type, media_product_type): half are pictures, some albums, some reels."""
    number = (message.message_id >> 22) // 1000 % 10  # the second in which it was posted
    if number < 5:
        return "IMAGE", "FEED"
    return ("CAROUSEL_ALBUM", "FEED") if number < 8 else ("VIDEO", "REELS")


def is_media(message: Message) -> bool:
    """Instagram has no reposts in an account's list, and threads of its own making neither."""
    return message.is_own and message.kind == "original"


@dataclass(slots=True)
class Graph:
    """The nodes and edges that one request may see."""

    sandbox: Any
    request: Request
    fault: str | None

    def user(self, account: WorldAccount, fields: Sequence[Field]) -> dict[str, Any]:
        """An IG User that is the token's own: with its comments and insights."""
        edges = {
            "media": partial(self.media, account),
            "insights": partial(instagram_insights.of_user, self.sandbox, account),
        }
        return node_of("IGUser", fields, self._public(account), edges)

    def discovered(self, username: str, fields: Sequence[Field]) -> dict[str, Any]:
        """Somebody else's IG User: what is public of it, and cursors without `next`."""
        account = self.sandbox.world.find("instagram", username)
        if account is None:
            raise GraphError(
                400,
                110,
                "Invalid user id",
                error_subcode=2207013,
                error_user_msg=f"The user with username: {username} cannot be found.",
            )
        edges = {"media": partial(self.media, account, is_others=True)}
        return node_of("IGUser", fields, self._public(account), edges)

    def _public(self, account: WorldAccount) -> dict[str, Any]:
        now = self.sandbox.now()
        followers = self.sandbox.world.followers(account, now)
        return {
            "id": str(account.user_id),
            "username": account.handle,
            "name": account.name,
            "followers_count": followers // 10 if self.fault == "shrunken" else followers,
            "follows_count": 120,
            "media_count": len(self._own_media(account, now - SERVED, now)),
        }

    def _own_media(self, account: WorldAccount, since: datetime, until: datetime) -> list[Message]:
        return [m for m in self.sandbox.world.own(account, since, until) if is_media(m)]

    def media(
        self,
        account: WorldAccount,
        asked: Field,
        *,
        is_others: bool = False,
        direct: bool = False,
    ) -> Any:
        """The edge media, newest first; others' cannot be asked for by time."""
        now = self.sandbox.now()
        since, until = (asked.modifiers.get(name) for name in ("since", "until"))
        if is_others and (since or until):
            raise GraphError(400, 100, "(#100) business_discovery media take no since or until")
        found = self._own_media(
            account,
            _moment(since, now - SERVED),
            min(_moment(until, now), now),
        )
        if self.fault == "shrunken":
            found = found[: len(found) // 2]
        fields = asked.fields or [Field("id")]
        return self._edge(
            asked,
            found,
            f"{account.user_id}/media",
            lambda m: self.one_media(account, m, fields, is_others=is_others),
            direct=direct,
            fault=self.fault,
            has_next=not is_others,
        )

    def one_media(
        self,
        account: WorldAccount,
        message: Message,
        fields: Sequence[Field],
        *,
        is_others: bool = False,
    ) -> dict[str, Any]:
        """An IG Media node."""
        counters = self.sandbox.world.counters(account, message, self.sandbox.now())
        media_type, product_type = kind_of(message)
        values = {
            "id": str(message.message_id),
            "timestamp": graph_time(message.created_at),
            "media_type": media_type,
            "media_product_type": product_type,
            "caption": message.text or None,
            "permalink": f"https://www.instagram.example/p/{message.message_id:x}/",
            "like_count": counters.reactions,
            "comments_count": counters.comments,
        }
        edges = {} if is_others else {"comments": partial(self.comments, account, message)}
        return node_of("IGMedia", fields, values, edges)

    def comments(
        self, account: WorldAccount, media: Message, asked: Field, direct: bool = False
    ) -> Any:
        """The edge comments: those on the media itself, newest first."""
        found = self.sandbox.world.answers(account, media.message_id, self.sandbox.now())
        fields = asked.fields or COMMENT_DEFAULT
        return self._edge(
            asked,
            found[::-1],
            f"{media.message_id}/comments",
            lambda m: self.comment(account, m, fields),
            direct=direct,
            fault=self.fault if direct else None,
        )

    def replies(
        self, account: WorldAccount, comment: Message, asked: Field, direct: bool = False
    ) -> Any:
        """The edge replies of a comment, oldest first."""
        found = self.sandbox.world.answers(account, comment.message_id, self.sandbox.now())
        fields = asked.fields or COMMENT_DEFAULT
        return self._edge(
            asked,
            found,
            f"{comment.message_id}/replies",
            lambda m: self.comment(account, m, fields),
            direct=direct,
            fault=self.fault if direct else None,
        )

    def comment(
        self, account: WorldAccount, message: Message, fields: Sequence[Field]
    ) -> dict[str, Any]:
        """An IG Comment node: `user` only of what the account itself wrote."""
        author = message.author
        is_reply = message.parent_id != message.root_id
        values = {
            "id": str(message.message_id),
            "timestamp": graph_time(message.created_at),
            "text": message.text,
            "like_count": 0,
            "username": author.handle if author else account.handle,
            "from": {
                "id": str(author.user_id if author else account.user_id),
                "username": author.handle if author else account.handle,
            },
            "user": None if author else {"id": str(account.user_id)},
            "parent_id": str(message.parent_id) if is_reply else None,
        }
        return node_of(
            "IGComment", fields, values, {"replies": partial(self.replies, account, message)}
        )

    def _edge(
        self,
        asked: Field,
        rows: Sequence[Message],
        path: str,
        render: Callable[[Message], dict[str, Any]],
        *,
        direct: bool = False,
        fault: str | None = None,
        has_next: bool = True,
    ) -> dict[str, Any] | None:
        """A page of an edge. Nested, an edge without rows is left out altogether."""
        limit, after, start = asked.limit(), asked.modifiers.get("after"), 0
        if after is not None:
            places = {cursor_of(str(m.message_id)): place for place, m in enumerate(rows, 1)}
            if after not in places:
                raise GraphError(400, 100, "(#100) Invalid cursor", error_subcode=1349125)
            start = places[after]
            if fault == "repeated_page":
                start = max(0, start - limit)
        part = rows[start : start + limit]
        answer: dict[str, Any] = {"data": [render(m) for m in part]}
        is_more = bool(part) and (start + limit < len(rows) or fault == "empty_last_page")
        if part:
            first, last = (cursor_of(str(m.message_id)) for m in (part[0], part[-1]))
            answer["paging"] = {"cursors": {"before": first, "after": last}}
            if is_more and has_next:
                answer["paging"]["next"] = self._next(path, limit, last)
            elif not is_more and not has_next:
                del answer["paging"]["cursors"]["after"]
        return answer if direct or part else None

    def _next(self, path: str, limit: int, after: str) -> str:
        """The URL of the following page, with the token in it, as Graph gives it."""
        token = self.request.query_params.get("access_token") or bearer(self.request)
        return str(
            self.request.url.replace(
                path=f"{self.request.scope.get('root_path', '')}/{path}",
                query=f"access_token={token}&limit={limit}&after={after}",
            )
        )


def _moment(text: str | None, default: datetime) -> datetime:
    if text is None:
        return default
    if not text.isdecimal():
        raise GraphError(400, 100, "(#100) Param since or until must be a Unix timestamp")
    return datetime.fromtimestamp(int(text), UTC)
