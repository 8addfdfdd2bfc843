"""The Threads API (v1.0) over the world: an owner's profile, posts, conversations and counters.

A token is the sandbox's with the owner's id behind it. Ids of media are those of messages; a page's
cursor is the place at which the following one begins.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from klankbord.sandbox.facebook_fields import GraphError
from klankbord.sandbox.graph_wire import bearer, error_of, fault, json_response, missing
from klankbord.sandbox.model import Message, WorldAccount

SERVED = timedelta(days=90)
DEFAULT_LIMIT, MOST_A_PAGE = 25, 100
METRICS = ("views", "likes", "replies", "reposts", "quotes", "shares")


class Owner:
    """What one token sees."""

    def __init__(self, sandbox: Any, request: Request) -> None:
        token = request.query_params.get("access_token") or bearer(request)
        secret, _, user_id = token.rpartition(".")
        found = sandbox.world.find("threads", user_id) if secret == sandbox.token else None
        if found is None:
            raise GraphError(401, 190, "Error validating access token", error_subcode=463)
        self.account: WorldAccount = found
        self.world, self.now = sandbox.world, sandbox.now()
        self.query = request.query_params
        self.fault = getattr(request.state, "fault", None)

    def answer(self, node: str, edge: str | None) -> dict[str, Any]:
        """What stands at /{node} or /{node}/{edge}; raises GraphError."""
        if node in ("me", str(self.account.user_id)):
            edges = {
                None: self.user,
                "threads": self.threads,
                "replies": self.replies,
                "threads_insights": self.followers,
            }
            if edge in edges:
                return edges[edge]()
            raise GraphError(400, 100, f"(#100) Tried accessing nonexisting field ({edge})")
        message = self.world.message(self.account, int(node)) if node.isdecimal() else None
        if message is None or not self._exists(message):
            raise missing(node)
        if edge == "insights":
            return self.insights(message)
        if edge == "conversation":
            return self.page([self.reply(m) for m in self._thread(message)[1:]])
        raise GraphError(400, 100, f"(#100) Tried accessing nonexisting field ({edge})")

    def user(self) -> dict[str, Any]:
        return self._picked(
            {"id": str(self.account.user_id), "username": self.account.handle, "name": "…"}
        )

    def followers(self) -> dict[str, Any]:
        if self.query.get("metric") != "followers_count":
            raise GraphError(400, 100, "(#100) metric must be one of the following values: …")
        count = self.world.followers(self.account, self.now)
        value = count // 10 if self.fault == "shrunken" else count
        return {
            "data": [
                {
                    "name": "followers_count",
                    "period": "day",
                    "total_value": {"value": value},
                    "title": "followers_count",
                    "id": f"{self.account.user_id}/insights/followers_count/day",
                }
            ]
        }

    def threads(self) -> dict[str, Any]:
        kinds = ("original", "repost")
        return self.page([self.post(m) for m in self._own() if m.kind in kinds], bend=True)

    def replies(self) -> dict[str, Any]:
        kinds = ("reply", "continuation")
        return self.page([self.reply(m) for m in self._own() if m.kind in kinds])

    def insights(self, message: Message) -> dict[str, Any]:
        wanted = self.query.get("metric", "").split(",")
        if not set(wanted) <= set(METRICS) or message.author is not None:
            raise GraphError(400, 100, "(#100) metric must be one of the following values: …")
        if message.kind == "repost":
            return {"data": []}
        c = self.world.counters(self.account, message, self.now)
        values = dict(
            zip(METRICS, (c.views, c.reactions, c.comments, c.shares, c.quotes, 0), strict=True)
        )
        return {
            "data": [
                {
                    "name": name,
                    "period": "lifetime",
                    "values": [{"value": values[name]}],
                    "title": name,
                    "id": f"{message.message_id}/insights/{name}/lifetime",
                }
                for name in wanted
            ]
        }

    def post(self, message: Message) -> dict[str, Any]:
        """A top-level post; a repost points at what it repeats and says nothing."""
        body = {
            "id": str(message.message_id),
            "media_product_type": "THREADS",
            "media_type": "TEXT_POST",
            "timestamp": stamp(message.created_at),
            "username": message.author.handle if message.author else self.account.handle,
            "is_quote_post": False,
            "has_replies": len(self._thread(message)) > 1,
        }
        if message.kind == "repost":
            reposted = {"id": str(message.reposted_id or message.message_id - 1)}
            return {**body, "media_type": "REPOST_FACADE", "reposted_post": reposted}
        return {**body, "text": message.text}

    def reply(self, message: Message) -> dict[str, Any]:
        """A reply of anybody."""
        answers = self.world.answers(self.account, message.message_id, self.now)
        return {
            **self.post(message),
            "has_replies": bool(answers),
            "is_reply": True,
            "is_reply_owned_by_me": message.is_own,
            "replied_to": {"id": str(message.parent_id)},
            "root_post": {"id": str(message.root_id)},
            "hide_status": "NOT_HUSHED",
        }

    def page(self, rows: Sequence[dict[str, Any]], *, bend: bool = False) -> dict[str, Any]:
        """A page of rows from the cursor on, with what `fields` asks for."""
        limit = min(int(self.query.get("limit", DEFAULT_LIMIT)), MOST_A_PAGE)
        start = int(self.query.get("after", "0") or 0)
        if bend and self.fault == "shrunken":
            rows = rows[: len(rows) // 2]
        if self.fault == "repeated_page" and start:
            start = max(0, start - limit)
        if self.query.get("reverse", "true") == "true" and "is_reply" in (rows or [{}])[0]:
            rows = sorted(rows, key=lambda row: int(row["id"]), reverse=True)
        page, end = rows[start : start + limit], start + limit
        body: dict[str, Any] = {"data": [self._picked(row) for row in page]}
        if page:
            body["paging"] = {"cursors": {"before": str(start), "after": str(end)}}
            if end < len(rows) or self.fault in ("empty_last_page", "repeated_page"):
                body["paging"]["next"] = f"https://graph.threads.net/v1.0/next?after={end}"
        return body

    def _own(self) -> list[Message]:
        since = max(self._bound("since", self.now - SERVED), self.now - SERVED)
        until = min(self._bound("until", self.now), self.now)
        return self.world.own(self.account, since, until, self.now)

    def _bound(self, name: str, default: datetime) -> datetime:
        text = self.query.get(name)
        return datetime.fromtimestamp(int(text), UTC) if text else default

    def _thread(self, message: Message) -> list[Message]:
        if message.kind == "repost" or message.parent_id is not None:
            return [message]
        return self.world.thread(self.account, message.message_id, self.now)

    def _exists(self, message: Message) -> bool:
        thread = self.world.thread(self.account, message.root_id, self.now)
        return message in thread or message.kind == "repost"

    def _picked(self, row: dict[str, Any]) -> dict[str, Any]:
        fields = self.query.get("fields", "id").split(",")
        return {name: row[name] for name in ("id", *fields) if name in row}


def stamp(moment: datetime) -> str:
    """2026-09-30T20:00:00+0000."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def routes(sandbox: Any) -> list[Route]:
    """/{node} and /{node}/{edge}, relative to the mount."""

    async def endpoint(request: Request) -> Response:
        names = request.path_params
        try:
            return json_response(
                Owner(sandbox, request).answer(names["node"], names.get("edge")), 200
            )
        except GraphError as error:
            return error_of(error)

    return [Route(path, endpoint) for path in ("/{node}", "/{node}/{edge}")]


def error_response(kind: str, sandbox: Any, request: Request) -> Response:
    """A fault in Graph's form."""
    spent = GraphError(400, 32, "(#32) Application request limit reached", is_transient=True)
    needs = "(#10) Application does not have permission for this action"
    return fault(kind, "threads", spent, needs, missing("1"), has_usage=False)
