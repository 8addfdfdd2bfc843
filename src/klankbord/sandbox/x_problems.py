"""How X says no: problem+json in its two forms, partial errors, rate-limit headers."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from klankbord.sandbox.x_objects import OLD, Names, names_of


class Refusal(Exception):
    """An answer that is no 200; `body` is its problem+json."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def invalid(names: Names, key: str, value: str, complaint: str) -> Refusal:
    message = f"The `{key}` query parameter value [{value}] {complaint}"
    return Refusal(400, problem(names, key, value, message))


def problem(names: Names, key: str, value: str, message: str) -> dict[str, Any]:
    return {
        "errors": [{"parameters": {key: [value]}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{names.host}/2/problems/invalid-request",
    }


def not_found(names: Names, key: str, value: str) -> dict[str, Any]:
    return {
        "value": value,
        "detail": f"Could not find user with {key}: [{value}].",
        "title": "Not Found Error",
        "resource_type": "user",
        "parameter": key,
        "resource_id": value,
        "type": f"{names.host}/2/problems/resource-not-found",
    }


def no_post(names: Names, value: str) -> dict[str, Any]:
    return {
        **not_found(names, "ids", value),
        "detail": f"Could not find post with ids: [{value}].",
        "resource_type": "post",
    }


def protected(names: Names, what: str, key: str, value: str) -> dict[str, Any]:
    """The partial error about a user, or a post of one, whom only followers may read."""
    return {
        **not_found(names, key, value),
        "detail": f"Sorry, you are not authorized to see the {what} with {key}: [{value}].",
        "title": "Authorization Error",
        "resource_type": what,
        "type": f"{names.host}/2/problems/not-authorized-for-resource",
    }


def field_refused(names: Names, value: str, field: str) -> dict[str, Any]:
    """The partial error about a field of a post that its owner alone may read."""
    return {
        **not_found(names, "ids", value),
        "detail": f"Sorry, you are not authorized to access '{field}' on the post: [{value}].",
        "title": "Field Authorization Error",
        "resource_type": "post",
        "field": field,
        "type": f"{names.host}/2/problems/not-authorized-for-field",
    }


def throttled(sandbox: Any, headers: Mapping[str, str]) -> Response:
    """Both bodies of a 429 are documented; the older one goes with the older names."""
    names = names_of(sandbox)
    if names is OLD:
        return answer({"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, 429, headers)
    kind = f"{names.host}/2/problems/rate-limit-exceeded"
    return answer({**blank(429, "Too Many Requests"), "type": kind}, 429, headers)


def blank(status: int, title: str) -> dict[str, Any]:
    return {"title": title, "type": "about:blank", "status": status, "detail": title}


def limits(limit: int, remaining: int, reset: int) -> dict[str, str]:
    return {
        "x-rate-limit-limit": str(limit),
        "x-rate-limit-remaining": str(remaining),
        "x-rate-limit-reset": str(reset),
    }


def answer(body: Any, status: int, headers: Mapping[str, str] | None = None) -> Response:
    media = "application/json" if status == 200 else "application/problem+json"
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, headers, media_type=f"{media}; charset=utf-8")
