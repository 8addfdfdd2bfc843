"""LinkedIn's REST API over the world: headers, tokens, limits and errors of both its ways.

Every call needs LinkedIn-Version (over a year old: 426) and X-Restli-Protocol-Version. The DMA's
finders answer once in 60 seconds to a token; `sandbox.linkedin_clock` is the clock of that.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from klankbord.sandbox import linkedin_ways as ways
from klankbord.sandbox.linkedin_pages import Pages, missing
from klankbord.sandbox.linkedin_restli import LinkedInError, refused

VERSION_MONTHS, DMA_SECONDS = 12, 60.0


def routes(sandbox: Any) -> list[Route]:
    """Both ways' paths, relative to the mount."""
    asked_at: dict[tuple[str, str], float] = {}

    def endpoint(path: str, answer: Callable[[Pages, str], dict[str, Any]]) -> Route:
        def ask(request: Request) -> Response:
            try:
                token = _checked(sandbox, request)
                if path in ways.ONE_A_MINUTE:
                    now = getattr(sandbox, "linkedin_clock", time.monotonic)()
                    if now - asked_at.get((token, path), -DMA_SECONDS) < DMA_SECONDS:
                        raise _throttled("MINUTE")
                    asked_at[token, path] = now
                return _json(answer(Pages(sandbox, request), path), 200)
            except LinkedInError as error:
                return _json(error.body, error.status)

        return Route(path, ask)

    return [endpoint(path, ways.community) for path in ways.COMMUNITY] + [
        endpoint(path, ways.dma) for path in ways.DMA
    ]


def _checked(sandbox: Any, request: Request) -> str:
    """The token of a request whose headers are in order."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token != sandbox.token:
        raise LinkedInError(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600)
    if request.headers.get("x-restli-protocol-version") != "2.0.0":
        raise refused("X-Restli-Protocol-Version must be 2.0.0")
    version = request.headers.get("linkedin-version", "")
    if not version:
        raise LinkedInError(400, "VERSION_MISSING", "A version must be present.")
    now = sandbox.now()
    is_month = len(version) == 6 and version.isdecimal()
    months = (
        12 * now.year + now.month - (12 * int(version[:4]) + int(version[4:]) if is_month else 0)
    )
    if months > VERSION_MONTHS:
        message = f"Requested version {version} is not active"
        raise LinkedInError(426, "NONEXISTENT_VERSION", message)
    return token


def error_response(kind: str, sandbox: Any, request: Request) -> Response:
    """LinkedIn's own form of a fault."""
    if kind in ("throttle", "throttle_400", "quota_spent"):
        error = _throttled("DAY" if kind == "quota_spent" else "MINUTE")
    elif kind == "token_expired":
        error = LinkedInError(401, "EXPIRED_ACCESS_TOKEN", "The token has expired", 65601)
    elif kind == "permission":
        message = f"Not enough permissions to access: {request.url.path.rpartition('/')[2]}.GET"
        error = LinkedInError(403, "ACCESS_DENIED", message, 100)
    else:
        error = missing()
    return _json(error.body, error.status)


def _throttled(period: str) -> LinkedInError:
    message = (
        f"Resource level throttle APPLICATION {period} limit for calls to this resource is reached."
    )
    return LinkedInError(429, "TOO_MANY_REQUESTS", message, 101)


def _json(body: Any, status: int) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, media_type="application/json")
