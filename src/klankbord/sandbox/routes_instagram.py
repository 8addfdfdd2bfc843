"""Instagram's part of Graph API v26 over the world: users, media, comments, insights, discovery.

A token sees an account as its owner when the account's tier says so (T2, T3), others only through
`business_discovery` of the sandbox's own professional account. A user's id is its user_id, that of
a media or comment its message's.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from klankbord.sandbox import instagram_insights
from klankbord.sandbox.facebook_fields import Field, GraphError, parse_checked, work_of
from klankbord.sandbox.graph_wire import bearer, error_of, fault, json_response, missing, usage
from klankbord.sandbox.instagram_objects import MODIFIERS, OWN_ID, Graph, is_media, kind_of
from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.population import access_tier

QUIET_CALLS = 20  # usage headers "only appear once enough calls have been made"
_TOO_MANY = (
    "(#80002) There have been too many calls to this Instagram account. Wait a bit and try again."
)
_NEEDS = "(#10) Application does not have permission for this action"


def answer(sandbox: Any, request: Request) -> dict[str, Any]:
    """The object that a request asks for; raises GraphError."""
    query = request.query_params
    token = query.get("access_token") or bearer(request)
    if not token:
        raise GraphError(400, 104, "An access token is required to request this resource.")
    if token != sandbox.token:
        raise GraphError(400, 190, "Invalid OAuth access token - Cannot parse access token")
    node, edge = request.path_params["node"], request.path_params.get("edge")
    graph = Graph(sandbox, request, getattr(request.state, "fault", None))
    if node in ("me", OWN_ID) and edge is None:
        return _own(graph, node, query.get("fields", "id"))
    found = _find(sandbox, node)
    if found is None:
        raise missing(node)
    account, message = found
    tier = access_tier(sandbox.world.seed, account)
    if tier < "T2":
        raise missing(node)
    text = query.get("fields", "id")
    if edge is None:
        fields = parse_checked(text, modifiers=MODIFIERS)
        if tier < "T3" and any(field.name == "insights" for field in fields):
            raise GraphError(403, 10, _NEEDS)
        if message is None:
            return graph.user(account, fields)
        one = graph.one_media if is_media(message) else graph.comment
        return one(account, message, fields)
    return _edge(graph, account, message, edge, dict(query), tier)


def _own(graph: Graph, node: str, text: str) -> dict[str, Any]:
    """The page of the sandbox's token, or the account that is linked to it."""
    body: dict[str, Any] = {"id": OWN_ID if node == OWN_ID else "100000000002016"}
    for field in parse_checked(text, modifiers=MODIFIERS):
        if node == "me" and field.name == "instagram_business_account":
            body[field.key] = {"id": OWN_ID}
        elif node == OWN_ID and field.name == "business_discovery":
            username = field.modifiers.get("username", "")
            body[field.key] = graph.discovered(username, field.fields or [Field("id")])
        elif field.name != "id":
            what = f"(#100) Tried accessing nonexisting field ({field.name})"
            raise GraphError(400, 100, what)
    return body


def _find(sandbox: Any, node: str) -> tuple[WorldAccount, Message | None] | None:
    """The account of this id, or the media or comment of this id with its account."""
    world = sandbox.world
    if account := world.find("instagram", int(node) if node.isdecimal() else node):
        return account, None
    account = world.account_of(int(node)) if node.isdecimal() else None
    if account is None or account.platform != "instagram":
        return None
    message = world.message(account, int(node))
    return (account, message) if message else None


def _edge(
    graph: Graph,
    account: WorldAccount,
    message: Message | None,
    edge: str,
    query: dict[str, str],
    tier: str,
) -> dict[str, Any]:
    asked = Field(edge, {k: v for k, v in query.items() if k not in ("access_token", "fields")})
    if "fields" in query:
        asked.fields = parse_checked(query["fields"], asked.limit(), MODIFIERS)
    work_of([asked], MODIFIERS)
    if edge == "insights":
        if tier < "T3":
            raise GraphError(403, 10, _NEEDS)
        if message is None:
            return instagram_insights.of_user(graph.sandbox, account, asked, direct=True) or {}
        kind = kind_of(message)[1]
        return instagram_insights.of_media(graph.sandbox, account, message, kind, asked)
    if message is None and edge == "media":
        return graph.media(account, asked, direct=True)
    if message is not None and edge == "comments" and is_media(message):
        return graph.comments(account, message, asked, direct=True)
    if message is not None and edge == "replies" and not is_media(message):
        return graph.replies(account, message, asked, direct=True)
    raise GraphError(400, 100, f"(#100) Tried accessing nonexisting field ({edge})")


def routes(sandbox: Any) -> list[Route]:
    """Graph's paths relative to the mount: /{node} and /{node}/{edge}."""

    async def endpoint(request: Request) -> Response:
        try:
            body = answer(sandbox, request)
        except GraphError as error:
            return error_of(error)
        headers = {}
        if (calls := sandbox.requests["instagram"]) > QUIET_CALLS:
            headers["X-App-Usage"] = usage(call_count=min(74, calls // 100))
        return json_response(body, 200, headers)

    return [Route(path, endpoint) for path in ("/{node}", "/{node}/{edge}")]


def error_response(kind: str, sandbox: Any, request: Request) -> Response:
    """A fault in Graph's form."""
    spent = GraphError(400, 80002, _TOO_MANY, error_subcode=2446079, is_transient=True)
    if "business_discovery" in request.query_params.get("fields", ""):
        other = GraphError(400, 110, "Invalid user id", error_subcode=2207013)
    else:
        other = missing(request.url.path.removeprefix("/instagram/").split("/")[0])
    return fault(kind, "instagram", spent, _NEEDS, other, has_usage=True)
