"""How Google's servers say no: the older errors[] and, for keys and speed, details[] beside it."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

_DOMAINS = {
    "playlistNotFound": "youtube.playlistItem",
    "videoNotFound": "youtube.commentThread",
    "channelNotFound": "youtube.commentThread",
    "commentsDisabled": "youtube.commentThread",
    "commentNotFound": "youtube.comment",
    "quotaExceeded": "youtube.quota",
    "rateLimitExceeded": "usageLimits",
    "authError": "global",
    "badRequest": "global",
}
_SPENT = (
    'The request cannot be completed because you have exceeded your <a href="/youtube/v3/'
    'getting-started#quota">quota</a>.'
)
_PER_MINUTE = {
    "quota_limit": "defaultPerMinutePerProject",
    "quota_metric": "youtube.googleapis.com/default",
    "service": "youtube.googleapis.com",
}


class Refusal(Exception):
    """An answer that is no 200."""

    def __init__(self, code: int, reason: str, message: str, **more: Any) -> None:
        super().__init__(reason)
        self.status = code
        error = {
            "message": message,
            "domain": _DOMAINS.get(reason, "youtube.parameter"),
            "reason": reason,
        }
        self.body = {"error": {"code": code, "message": message, "errors": [error], **more}}


def bad_token() -> Refusal:
    """The refusal of a request without an owner's token."""
    message = "Request had invalid authentication credentials. Expected OAuth 2 access token."
    return Refusal(401, "authError", message, status="UNAUTHENTICATED")


def key_refused(key: str | None, token: str) -> Refusal | None:
    """The refusal of a request without the sandbox's key; None when it has it."""
    if not key:
        message = "Method doesn't allow unregistered callers (without established identity)."
        return Refusal(403, "forbidden", message, status="PERMISSION_DENIED")
    if key != token:
        return _bad_key("API key not valid. Please pass a valid API key.")
    return None


def _bad_key(message: str) -> Refusal:
    return Refusal(
        400,
        "badRequest",
        message,
        status="INVALID_ARGUMENT",
        details=[_info("API_KEY_INVALID", {"service": "youtube.googleapis.com"})],
    )


def _info(reason: str, metadata: dict[str, str]) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata,
    }


def error_response(kind: str, sandbox: Any, request: Request) -> Response:
    """YouTube's own form of a fault. An unknown channel or video is a 200 without it."""
    end = request.url.path.rpartition("/")[2]
    if kind == "throttle":
        refusal = Refusal(403, "rateLimitExceeded", "Rate Limit Exceeded")
    elif kind == "throttle_400":  # the newer form, per minute
        details = [_info("RATE_LIMIT_EXCEEDED", _PER_MINUTE)]
        message = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute'"
        more = {"status": "RESOURCE_EXHAUSTED", "details": details}
        refusal = Refusal(429, "rateLimitExceeded", message, **more)
    elif kind == "quota_spent":
        refusal = Refusal(403, "quotaExceeded", _SPENT)
    elif kind == "token_expired" and end == "reports":
        refusal = bad_token()
    elif kind == "token_expired":
        refusal = _bad_key("API key expired. Please renew the API key.")
    elif kind == "permission":
        refusal = Refusal(403, "forbidden", "The request is not properly authorized.")
    elif end == "reports":
        refusal = Refusal(403, "forbidden", "Insufficient permission to access this report.")
    elif end == "playlistItems":
        refusal = Refusal(404, "playlistNotFound", "The playlist cannot be found.")
    elif end == "commentThreads":
        refusal = Refusal(404, "videoNotFound", "The video cannot be found.")
    elif end == "comments":
        refusal = Refusal(404, "commentNotFound", "The comment cannot be found.")
    else:
        info = {"totalResults": 0, "resultsPerPage": 5}
        body: dict[str, Any] = {"kind": f"youtube#{end[:-1]}ListResponse", "pageInfo": info}
        return as_json({**body, "etag": "none"}, 200)
    return as_json(refusal.body, refusal.status)


def as_json(body: Any, status: int) -> Response:
    """An answer in Google's media type."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, media_type="application/json; charset=UTF-8")
