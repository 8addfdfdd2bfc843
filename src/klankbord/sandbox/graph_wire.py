"""How Graph puts things on the wire, whatever it speaks of: tokens, errors, usage headers."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from klankbord.sandbox.facebook_fields import GraphError


def bearer(request: Request) -> str:
    """The token of an Authorization header, which Graph takes as well; empty without one."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind == "Bearer" else ""


def missing(node: str) -> GraphError:
    """The error of a node that does not exist, or that the token may not see."""
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


def waiting(minutes: int, kind: str) -> dict[str, str]:
    """The header of a spent quota; `kind` as Graph names its quotas: pages, instagram."""
    quota = {"type": kind, "call_count": 100, "total_cputime": 25, "total_time": 25}
    quota["estimated_time_to_regain_access"] = minutes
    return {"X-Business-Use-Case-Usage": json.dumps({"1234567890": [quota]})}


def usage(call_count: int) -> str:
    """The value of X-App-Usage."""
    return json.dumps({"call_count": call_count, "total_cputime": 10, "total_time": 10})


def error_of(error: GraphError, headers: dict[str, str] | None = None) -> Response:
    """An error as Graph answers it."""
    body = {"error": {**error.body, "fbtrace_id": "ASandboxTrace00"}}
    return json_response(body, error.status, headers)


def json_response(body: Any, status: int, headers: dict[str, str] | None = None) -> Response:
    """Any answer of Graph."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, headers, media_type="application/json; charset=UTF-8")


def fault(
    kind: str, product: str, spent: GraphError, needs: str, other: GraphError, *, has_usage: bool
) -> Response:
    """An ordered fault as Graph says it: throttling is HTTP 400 with the usage in a header.

    product: its name in the usage header; spent: its own error of too many calls; needs: what it
    says where a permission is missing; other: every other fault. has_usage: whether it tells the
    app's usage.
    """
    headers: dict[str, str] = {}
    if kind in ("throttle", "quota_spent"):
        error, headers = spent, waiting(5 if kind == "throttle" else 60, product)
    elif kind == "throttle_400":
        error = GraphError(400, 4, "(#4) Application request limit reached", is_transient=True)
        headers = {"X-App-Usage": usage(call_count=100)} if has_usage else {}
    elif kind == "token_expired":
        error = GraphError(400, 190, "Error validating access token: expired", error_subcode=463)
    elif kind == "permission":
        error = GraphError(403, 10, needs)
    elif kind == "withdrawn_metric":
        error = GraphError(400, 100, "(#100) The value must be a valid insights metric")
    else:
        error = other
    return error_of(error, headers)
