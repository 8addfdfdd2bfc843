"""Graph API v26 over the world: pages, their published posts, reactions and comments.

A subset, but an honest one: field expansion with modifiers and aliases, cursors, summaries, edges
left out where they are empty, `shares` left out where nobody shared, errors with Graph's codes.
`GET /?ids=` is refused as Graph refuses it since v26. A page's id is its user_id, its name its
handle; a post is "<page>_<message>", a comment "<post's message>_<message>". The sandbox's token is
the app's; `<token>.<page id>` is a page's own, which reads that page alone.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from klankbord.sandbox import facebook_insights
from klankbord.sandbox.events import happened
from klankbord.sandbox.facebook_fields import Field, GraphError, parse_checked, work_of
from klankbord.sandbox.facebook_objects import Graph
from klankbord.sandbox.graph_wire import bearer, error_of, fault, json_response, missing, usage

QUIET_CALLS = 20  # usage headers "only appear once enough calls have been made"


def answer(sandbox: Any, request: Request) -> dict[str, Any]:
    """The object that a request asks for; raises GraphError."""
    query = request.query_params
    token = query.get("access_token") or bearer(request)
    if not token:
        raise GraphError(400, 104, "An access token is required to request this resource.")
    secret, _, owner = token.partition(".")
    if secret != sandbox.token:
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
        raise missing(node)
    if owner and owner != str(page.user_id):
        raise GraphError(400, 10, _NEEDS)
    if move := happened(sandbox, page, "moved"):
        what = f"(#21) Page ID {page.user_id} was migrated to page ID {move.to}."
        raise GraphError(400, 21, what)
    graph = Graph(sandbox, request, getattr(request.state, "fault", None))
    text = query.get("fields", "id,created_time" if post or edge else "id,name")
    if edge is None:
        fields = parse_checked(text)
        return graph.page(page, fields) if post is None else graph.post(page, node, post, fields)
    if edge not in ("insights", "comments" if post else "published_posts"):
        raise GraphError(400, 100, f"(#100) Tried accessing nonexisting field ({edge})")
    asked = Field(edge, {k: v for k, v in query.items() if k not in ("access_token", "fields")})
    if edge == "insights":
        asked.fields = parse_checked(query["fields"]) if "fields" in query else None
        work_of([asked])
        if post is None:
            return facebook_insights.of_page(sandbox, page, asked, direct=True) or {}
        return facebook_insights.of_post(sandbox, page, node, post, asked, direct=True) or {}
    asked.fields = parse_checked(text, asked.limit())
    work_of([asked])
    if post is None:
        return graph.posts(page, asked, direct=True)
    return graph.comments(page, node, post, asked, direct=True)


def routes(sandbox: Any) -> list[Route]:
    """Graph's paths relative to the mount: /, /{node} and /{node}/{edge}."""

    async def endpoint(request: Request) -> Response:
        try:
            body = answer(sandbox, request)
        except GraphError as error:
            return error_of(error)
        headers = {}
        if (calls := sandbox.requests["facebook"]) > QUIET_CALLS:
            headers["X-App-Usage"] = usage(call_count=min(99, calls // 100))
        return json_response(body, 200, headers)

    return [Route(path, endpoint) for path in ("/", "/{node}", "/{node}/{edge}")]


_TOO_MANY = (
    "(#80001) There have been too many calls to this Page account. Wait a bit and try again."
)
_NEEDS = (
    "(#10) This endpoint requires the 'pages_read_engagement' permission or the 'Page Public "
    "Content Access' feature."
)


def error_response(kind: str, sandbox: Any, request: Request) -> Response:
    """A fault in Graph's form."""
    spent = GraphError(400, 80001, _TOO_MANY, error_subcode=2446079, is_transient=True)
    other = missing(request.url.path.removeprefix("/facebook/").split("/")[0])
    return fault(kind, "pages", spent, _NEEDS, other, has_usage=True)
