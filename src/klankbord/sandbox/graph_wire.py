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
