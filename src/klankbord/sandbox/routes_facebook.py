"""Graph API v26 over the world: pages, their published posts, reactions and comments.

A subset, but an honest one: field expansion with modifiers and aliases, cursors, summaries, edges
left out where they are empty, `shares` left out where nobody shared, errors with Graph's codes.
`GET /?ids=` is refused as Graph refuses it since v26. A page's id is its user_id, its name its
handle; a post is "<page>_<message>", a comment "<post's message>_<message>".
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import product
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from klankbord.sandbox.model import Message, WorldAccount

PAGE_SIZE, MOST_A_PAGE = 25, 100
ORDERS = ("chronological", "reverse_chronological")
#: Graph answers "reduce the amount of data" by the work it foresees: rows times nested rows.
MOST_WORK = 5_000
BEGINNING = datetime(2004, 2, 4, tzinfo=UTC)
QUIET_CALLS = 20  # usage headers "only appear once enough calls have been made"


class GraphError(Exception):
    """An answer of Graph that is an error; `body` is what stands under "error"."""

    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        kind = "GraphMethodException" if more.get("error_subcode") == 33 else "OAuthException"
        self.body = {"message": message, "type": kind, "code": code, **more}


@dataclass(slots=True)
class Field:
    """One field of a `fields` expression: name.modifier(argument){fields}."""

    name: str
    modifiers: dict[str, str] = field(default_factory=dict)
    fields: "list[Field] | None" = None

    @property
    def key(self) -> str:
        return self.modifiers.get("as", self.name)

    def limit(self) -> int:
        text = self.modifiers.get("limit", str(PAGE_SIZE))
        if not text.isdecimal():
            raise GraphError(400, 100, "(#100) Param limit must be a non-negative integer")
        return min(int(text), MOST_A_PAGE)


def parse_fields(text: str) -> list[Field]:
    """Parse a `fields` expression; GraphError 2500 ("Syntax error") where it is none."""
    fields, at = _field_list(text, 0)
    if at != len(text):
        raise _syntax(text, at)
    return fields


def _field_list(text: str, at: int) -> tuple[list[Field], int]:
    found = []
    while True:
        name, at = _word(text, at)
        one = Field(name)
        while text[at : at + 1] == ".":
            modifier, at = _word(text, at + 1)
            end = text.find(")", at)
            if text[at : at + 1] != "(" or end < 0:
                raise _syntax(text, at)
            one.modifiers[modifier] = text[at + 1 : end]
            at = end + 1
        if text[at : at + 1] == "{":
            one.fields, at = _field_list(text, at + 1)
            if text[at : at + 1] != "}":
                raise _syntax(text, at)
            at += 1
        found.append(one)
        if text[at : at + 1] != ",":
            return found, at
        at += 1


def _word(text: str, at: int) -> tuple[str, int]:
    end = at
    while end < len(text) and (text[end] == "_" or (text[end].isascii() and text[end].isalnum())):
        end += 1
    if end == at:
        raise _syntax(text, at)
    return text[at:end], end


def _syntax(text: str, at: int) -> GraphError:
    what = f'Unexpected "{text[at]}"' if at < len(text) else "Unexpected end"
    return GraphError(400, 2500, f"Syntax error {what} at character {at}: fields")


def graph_time(moment: datetime) -> str:
    """2021-07-04T19:50:58+0000."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def _cursor(node_id: str) -> str:
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
        return _node("Page", fields, values, {"published_posts": partial(self.posts, page)})

    def posts(self, page: WorldAccount, asked: Field, direct: bool = False) -> Any:
        """The edge published_posts, newest first."""
        now = self.sandbox.now()
        since = _moment(asked.modifiers.get("since"), BEGINNING)
        until = min(_moment(asked.modifiers.get("until"), now), now)
        rows = [
            (f"{page.user_id}_{m.message_id}", m)
            for m in self.sandbox.world.own(page, since, until)
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
            values |= {"status_type": "shared_story", "parent_id": f"{author}_{message.message_id}"}
        reactions = {"total_count": counters.reactions, "viewer_reaction": "NONE"}
        edges = {
            # who reacted is not in the world, nor do we ever ask
            "reactions": lambda asked: self._edge(asked, [], "", lambda *_: {}, reactions),
            "comments": partial(self.comments, page, node_id, message),
        }
        return _node("PagePost", fields, values, edges)

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
            lambda i, m: _comment(page, post, i, m, fields),
            {"order": "chronological", "total_count": total, "can_comment": False},
            direct=direct,
            fault=self.fault if direct else None,
        )

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
            places = {_cursor(node_id): place for place, (node_id, _) in enumerate(rows, 1)}
            if after not in places:
                raise GraphError(400, 100, "(#100) Invalid cursor", error_subcode=1349125)
            start = places[after]
            if fault == "repeated_page":
                start = max(0, start - limit)
        part = rows[start : start + limit]
        answer: dict[str, Any] = {"data": [render(*row) for row in part]}
        if part:
            cursors = {"before": _cursor(part[0][0]), "after": _cursor(part[-1][0])}
            answer["paging"] = {"cursors": cursors}
            if start + limit < len(rows) or fault == "empty_last_page":
                answer["paging"]["next"] = self._next(path, limit, cursors["after"])
        if summary and asked.modifiers.get("summary", "false") not in ("false", "0"):
            answer["summary"] = summary
        return answer if direct or part or "summary" in answer else None

    def _next(self, path: str, limit: int, after: str) -> str:
        """The URL of the following page, with the token in it, as Graph gives it."""
        token = self.request.query_params["access_token"]
        return str(
            self.request.url.replace(
                path=f"{self.request.scope.get('root_path', '')}/{path}",
                query=f"access_token={token}&limit={limit}&after={after}",
            )
        )


def _comment(
    page: WorldAccount, post: Message, node_id: str, message: Message, fields: Sequence[Field]
) -> dict[str, Any]:
    author = message.author or page
    nested = message.parent_id != post.message_id
    values = {
        "id": node_id,
        "created_time": graph_time(message.created_at),
        "message": message.text,
        "from": {"name": author.name, "id": str(author.user_id)},
        "parent": {"id": f"{post.message_id}_{message.parent_id}"} if nested else None,
    }
    return _node("Comment", fields, values, {})


def _node(
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


#: What an edge takes beside `as` (nested) or `access_token` and `fields` (asked for directly).
#: Graph ignores what it does not know; the sandbox refuses it, so that a misspelt one is found.
MODIFIERS = {
    "published_posts": frozenset({"since", "until", "limit", "after"}),
    "comments": frozenset({"filter", "order", "limit", "summary", "after"}),
    "reactions": frozenset({"limit", "summary"}),
}


def _check(fields: Sequence[Field]) -> int:
    """The work that fields ask for, in rows; GraphError for a modifier that does not exist."""
    work = 0
    for one in fields:
        for modifier in set(one.modifiers) - MODIFIERS.get(one.name, frozenset()) - {"as"}:
            raise GraphError(400, 100, f"(#100) Unknown modifier {modifier} of field {one.name}")
        rows = one.limit() if one.name in MODIFIERS else 0
        work += rows + rows * _check(one.fields) if one.fields and rows else rows
    return work


def _parsed(text: str, rows: int = 1) -> list[Field]:
    fields = parse_fields(text)
    if rows * _check(fields) > MOST_WORK:
        raise GraphError(
            500,
            1,
            "Please reduce the amount of data you're asking for, then retry your request",
            error_subcode=99,
        )
    return fields


def _missing(node: str) -> GraphError:
    if not node.replace("_", "").isdecimal():
        return GraphError(
            404, 803, f"(#803) Some of the aliases you requested do not exist: {node}"
        )
    return GraphError(
        400,
        100,
        f"Unsupported get request. Object with ID '{node}' does not exist, cannot be "
        "loaded due to missing permissions, or does not support this operation",
        error_subcode=33,
    )


def answer(sandbox: Any, request: Request) -> dict[str, Any]:
    """The object that a request asks for; raises GraphError."""
    query = request.query_params
    token = query.get("access_token")
    if not token:
        raise GraphError(400, 104, "An access token is required to request this resource.")
    if token != sandbox.token:
        raise GraphError(400, 190, "Invalid OAuth access token - Cannot parse access token")
    if "ids" in query:
        raise GraphError(500, 100, "The ids query parameter is deprecated in v26.0+")
    node, edge = request.path_params.get("node", ""), request.path_params.get("edge")
    page_id, _, message_id = node.partition("_")
    page = sandbox.world.find("facebook", int(page_id) if page_id.isdecimal() else node)
    post = None
    if page is not None and page_id.isdecimal() and message_id.isdecimal():
        post = sandbox.world.message(page, int(message_id))
    if page is None or (message_id and page_id.isdecimal() and post is None):
        raise _missing(node)
    graph = Graph(sandbox, request, getattr(request.state, "fault", None))
    text = query.get("fields", "id,created_time" if post or edge else "id,name")
    if edge is None:
        fields = _parsed(text)
        return graph.page(page, fields) if post is None else graph.post(page, node, post, fields)
    if edge != ("comments" if post else "published_posts"):
        raise GraphError(400, 100, f"(#100) Tried accessing nonexisting field ({edge})")
    asked = Field(edge, {k: v for k, v in query.items() if k not in ("access_token", "fields")})
    asked.fields = _parsed(text, asked.limit())
    _check([asked])
    if post is None:
        return graph.posts(page, asked, direct=True)
    return graph.comments(page, node, post, asked, direct=True)


def routes(sandbox: Any) -> list[Route]:
    """Graph's paths relative to the mount: /, /{node} and /{node}/{edge}."""

    async def endpoint(request: Request) -> Response:
        try:
            body = answer(sandbox, request)
        except GraphError as error:
            return _error(error)
        headers = {}
        if (calls := sandbox.requests["facebook"]) > QUIET_CALLS:
            headers["X-App-Usage"] = _usage(call_count=min(99, calls // 100))
        return _json(body, 200, headers)

    return [Route(path, endpoint) for path in ("/", "/{node}", "/{node}/{edge}")]


def _waiting(minutes: int) -> dict[str, str]:
    usage = {"type": "pages", "call_count": 100, "total_cputime": 25, "total_time": 25}
    usage["estimated_time_to_regain_access"] = minutes
    return {"X-Business-Use-Case-Usage": json.dumps({"1234567890": [usage]})}


_TOO_MANY = (
    "(#80001) There have been too many calls to this Page account. Wait a bit and try again."
)
_NEEDS = (
    "(#10) This endpoint requires the 'pages_read_engagement' permission or the 'Page Public "
    "Content Access' feature."
)


def error_response(kind: str, sandbox: Any, request: Request) -> Response:
    """Graph's own form of a fault; throttling is HTTP 400 with the usage in a header."""
    headers: dict[str, str] = {}
    if kind in ("throttle", "quota_spent"):
        error = GraphError(400, 80001, _TOO_MANY, error_subcode=2446079, is_transient=True)
        headers = _waiting(5 if kind == "throttle" else 60)
    elif kind == "throttle_400":
        error = GraphError(400, 4, "(#4) Application request limit reached", is_transient=True)
        headers = {"X-App-Usage": _usage(call_count=100)}
    elif kind == "token_expired":
        error = GraphError(400, 190, "Error validating access token: expired", error_subcode=463)
    elif kind == "permission":
        error = GraphError(403, 10, _NEEDS)
    else:
        error = _missing(request.url.path.removeprefix("/facebook/").split("/")[0])
    return _error(error, headers)


def _usage(call_count: int) -> str:
    return json.dumps({"call_count": call_count, "total_cputime": 10, "total_time": 10})


def _error(error: GraphError, headers: dict[str, str] | None = None) -> Response:
    return _json({"error": {**error.body, "fbtrace_id": "ASandboxTrace00"}}, error.status, headers)


def _json(body: Any, status: int, headers: dict[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, headers, media_type="application/json; charset=UTF-8")
