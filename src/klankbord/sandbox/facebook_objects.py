"""The graph over the world: pages, posts and comments as Graph answers with them."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import product
from typing import Any

from starlette.requests import Request

from klankbord.sandbox import facebook_insights
from klankbord.sandbox.facebook_fields import Field, GraphError
from klankbord.sandbox.facebook_insights import graph_time
from klankbord.sandbox.graph_wire import bearer
from klankbord.sandbox.model import Message, WorldAccount

ORDERS = ("chronological", "reverse_chronological")
BEGINNING = datetime(2004, 2, 4, tzinfo=UTC)


def cursor_of(node_id: str) -> str:
    """The cursor that stands for a row."""
    return base64.urlsafe_b64encode(node_id.encode()).decode().rstrip("=")


@dataclass(slots=True)
class Graph:
    """The nodes and edges that one request may see."""

    sandbox: Any
    request: Request
    fault: str | None

    def page(self, page: WorldAccount, fields: Sequence[Field]) -> dict[str, Any]:
        """A Page node."""
        followers = self.sandbox.world.followers(page, self.sandbox.now())
        if self.fault == "shrunken":
            followers //= 10
        values = {"id": str(page.user_id), "name": page.name, "username": page.handle}
        values |= {"followers_count": followers, "fan_count": followers}
        edges = {
            "published_posts": partial(self.posts, page),
            "insights": partial(facebook_insights.of_page, self.sandbox, page),
        }
        return node_of("Page", fields, values, edges)

    def posts(self, page: WorldAccount, asked: Field, direct: bool = False) -> Any:
        """The edge published_posts, newest first."""
        now = self.sandbox.now()
        since = _moment(asked.modifiers.get("since"), BEGINNING)
        until = min(_moment(asked.modifiers.get("until"), now), now)
        rows = [
            (f"{page.user_id}_{m.message_id}", m)
            for m in self.sandbox.world.own(page, since, until, now)
            if m.kind in ("original", "repost")
        ]
        if self.fault == "shrunken":
            rows = rows[: len(rows) // 2]
        fields = asked.fields or [Field("created_time"), Field("message")]
        return self._edge(
            asked,
            rows,
            f"{page.user_id}/published_posts",
            lambda i, m: self.post(page, i, m, fields),
            direct=direct,
            fault=self.fault,
        )

    def post(
        self, page: WorldAccount, node_id: str, message: Message, fields: Sequence[Field]
    ) -> dict[str, Any]:
        """A PagePost node: `shares` only where somebody shared, `parent_id` only of a repost."""
        counters = self.sandbox.world.counters(page, message, self.sandbox.now())
        values: dict[str, Any] = {
            "id": node_id,
            "created_time": graph_time(message.created_at),
            "message": message.text or None,
            "status_type": "mobile_status_update",
            "from": {"name": page.name, "id": str(page.user_id)},
            "shares": {"count": counters.shares} if counters.shares else None,
            "parent_id": None,
        }
        if message.kind == "repost":
            author = message.reposted_author.user_id if message.reposted_author else page.user_id
            parent = f"{author}_{message.reposted_id or message.message_id}"
            values |= {"status_type": "shared_story", "parent_id": parent}
        reactions = {"total_count": counters.reactions, "viewer_reaction": "NONE"}
        edges = {
            # who reacted is not in the world, nor do we ever ask
            "reactions": lambda asked: self._edge(asked, [], "", lambda *_: {}, reactions),
            "comments": partial(self.comments, page, node_id, message),
            "insights": partial(facebook_insights.of_post, self.sandbox, page, node_id, message),
        }
        return node_of("PagePost", fields, values, edges)

    def comments(
        self, page: WorldAccount, post_id: str, post: Message, asked: Field, direct: bool = False
    ) -> Any:
        """The edge comments: direct answers, or the whole conversation with filter stream."""
        now, world = self.sandbox.now(), self.sandbox.world
        order = asked.modifiers.get("order", "chronological")
        kind = asked.modifiers.get("filter", "toplevel")
        if (kind, order) not in product(("toplevel", "stream"), ORDERS):
            raise GraphError(400, 100, "(#100) Param filter or order has an unknown value")
        found: list[Message] = []
        if kind == "stream":
            found = [
                m
                for m in world.thread(page, post.message_id, now)
                if m.message_id != post.message_id
            ]
        elif asked.limit():
            found = list(world.answers(page, post.message_id, now))
        total = len(found) if kind == "stream" else world.counters(page, post, now).comments
        rows = [(f"{post.message_id}_{m.message_id}", m) for m in found]
        fields = asked.fields or [Field("created_time"), Field("from"), Field("message")]
        return self._edge(
            asked,
            rows[::-1] if order == ORDERS[1] else rows,
            f"{post_id}/comments",
            lambda i, m: _comment(page, post, i, m, fields, self._is_liked_by_asker),
            {"order": "chronological", "total_count": total, "can_comment": False},
            direct=direct,
            fault=self.fault if direct else None,
        )

    def _is_liked_by_asker(self, page: WorldAccount, message: Message) -> bool:
        token: str = self.request.query_params.get("access_token") or bearer(self.request)
        if token != f"{self.sandbox.token}.{page.user_id}":
            return False
        liked_at = self.sandbox.world.liked_at(page, message)
        return liked_at is not None and liked_at < self.sandbox.now()

    def _edge(
        self,
        asked: Field,
        rows: list[tuple[str, Message]],
        path: str,
        render: Callable[[str, Message], dict[str, Any]],
        summary: dict[str, Any] | None = None,
        *,
        direct: bool = False,
        fault: str | None = None,
    ) -> dict[str, Any] | None:
        """A page of an edge. Nested, an edge without rows and summary is left out altogether."""
        limit, after, start = asked.limit(), asked.modifiers.get("after"), 0
        if after is not None:
            places = {cursor_of(node_id): place for place, (node_id, _) in enumerate(rows, 1)}
            if after not in places:
                raise GraphError(400, 100, "(#100) Invalid cursor", error_subcode=1349125)
            start = places[after]
            if fault == "repeated_page":
                start = max(0, start - limit)
        part = rows[start : start + limit]
        answer: dict[str, Any] = {"data": [render(*row) for row in part]}
        if part:
            cursors = {"before": cursor_of(part[0][0]), "after": cursor_of(part[-1][0])}
            answer["paging"] = {"cursors": cursors}
            if start + limit < len(rows) or fault == "empty_last_page":
                answer["paging"]["next"] = self._next(path, limit, cursors["after"])
        if summary and asked.modifiers.get("summary", "false") not in ("false", "0"):
            answer["summary"] = summary
        return answer if direct or part or "summary" in answer else None

    def _next(self, path: str, limit: int, after: str) -> str:
        """The URL of the following page, with the token in it, as Graph gives it."""
        token = self.request.query_params.get("access_token") or bearer(self.request)
        return str(
            self.request.url.replace(
                path=f"{self.request.scope.get('root_path', '')}/{path}",
                query=f"access_token={token}&limit={limit}&after={after}",
            )
        )


def _comment(
    page: WorldAccount,
    post: Message,
    node_id: str,
    message: Message,
    fields: Sequence[Field],
    is_liked: Callable[[WorldAccount, Message], bool],
) -> dict[str, Any]:
    """A Comment node. `user_likes` is of whoever asks: of the page only with its own token."""
    author = message.author or page
    nested = message.parent_id != post.message_id
    values: dict[str, Any] = {
        "id": node_id,
        "created_time": graph_time(message.created_at),
        "message": message.text,
        "from": {"name": author.name, "id": str(author.user_id)},
        "parent": {"id": f"{post.message_id}_{message.parent_id}"} if nested else None,
    }
    if any(one.name == "user_likes" for one in fields):
        values["user_likes"] = is_liked(page, message)
    return node_of("Comment", fields, values, {})


def node_of(
    kind: str,
    fields: Sequence[Field],
    values: dict[str, Any],
    edges: Mapping[str, Callable[[Field], Any]],
) -> dict[str, Any]:
    """The fields asked for, those without a value left out, and always the id."""
    node = {}
    for one in fields:
        if one.name in edges:
            value = edges[one.name](one)
        elif one.name in values:
            value = values[one.name]
            if one.fields and value is not None:
                value = {f.name: value[f.name] for f in one.fields if f.name in value}
        else:
            what = f"(#100) Tried accessing nonexisting field ({one.name}) on node type ({kind})"
            raise GraphError(400, 100, what)
        if value is not None:
            node[one.key] = value
    return {**node, "id": values["id"]}


def _moment(text: str | None, default: datetime) -> datetime:
    if text is None:
        return default
    if not text.isdecimal():
        raise GraphError(400, 100, "(#100) Param since or until must be a Unix timestamp")
    return datetime.fromtimestamp(int(text), UTC)
