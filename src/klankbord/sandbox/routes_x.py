"""X API v2 over the world: user lookups, an account's timeline, its mentions. App bearer only.

A strict subset: a parameter, field or expansion that is not served here is refused the way X
refuses it. Names are those in force since 2026-08-07; with `sandbox.x_legacy_names = True` they are
the older ones, and nothing else is understood. Rate limits are X's own per app and 15 minutes times
`sandbox.rate_limit_scale` (100 where it is not set: the demo reads in a minute what is read in a
day), counted on the machine's clock, because that is the clock by which a client comes back.
"""

import base64
import binascii
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.x_objects import OLD, Names, Writer, names_of, user

LIMITS = {
    "/2/users": 300,
    "/2/users/by": 300,
    "/2/users/{id}/tweets": 10_000,
    "/2/users/{id}/mentions": 450,
}
LIMIT_SECONDS, DEFAULT_SCALE, THROTTLED_SECONDS = 900, 100, 2
FEWEST, DEFAULT_RESULTS, MOST = 5, 10, 100
OPENING = datetime(2010, 11, 6, tzinfo=UTC)  # the least start_time
USER_FIELDS = frozenset({"created_at", "id", "name", "protected", "public_metrics", "username"})
PAGE_PARAMETERS = frozenset({"max_results", "pagination_token", "start_time", "end_time"})


class Refusal(Exception):
    """An answer that is no 200; `body` is its problem+json."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def routes(sandbox: Any) -> list[Route]:
    """X's paths relative to the mount; each counts against its own budget."""
    handlers: dict[str, Callable[[Any, Request], dict[str, Any]]] = {
        "/2/users": lambda s, r: _users(s, r, "ids"),
        "/2/users/by": lambda s, r: _users(s, r, "usernames"),
        "/2/users/{id}/tweets": lambda s, r: _posts(s, r, s.world.own),
        "/2/users/{id}/mentions": lambda s, r: _posts(s, r, s.world.incoming),
    }
    used: dict[str, tuple[int, int]] = {}  # path -> (end of its 15 minutes, requests in them)

    def route(path: str, handler: Callable[[Any, Request], dict[str, Any]]) -> Route:
        async def endpoint(request: Request) -> Response:
            limit = int(LIMITS[path] * getattr(sandbox, "rate_limit_scale", DEFAULT_SCALE))
            now = int(time.time())
            reset, count = used.get(path, (0, 0))
            if reset <= now:
                reset, count = now + LIMIT_SECONDS, 0
            used[path] = (reset, count + 1)
            headers = _limits(limit, max(0, limit - count - 1), reset)
            if count >= limit:
                return _throttled(sandbox, headers)
            try:
                if request.headers.get("authorization") != f"Bearer {sandbox.token}":
                    raise Refusal(401, _blank(401, "Unauthorized"))
                return _json(handler(sandbox, request), 200, headers)
            except Refusal as refusal:
                return _json(refusal.body, refusal.status, headers)

        return Route(path, endpoint)

    return [route(path, handler) for path, handler in handlers.items()]


def error_response(kind: str, sandbox: Any, request: Request) -> Response:
    """X's own form of a fault. An unknown account is a 200 with `errors` in it."""
    names = names_of(sandbox)
    if kind in ("throttle", "throttle_400"):
        return _throttled(sandbox, _limits(450, 0, int(time.time()) + THROTTLED_SECONDS))
    if kind == "quota_spent":  # money, not speed: the rate limit still has room
        body = {
            "account_id": 1,
            "product_name": "standard-basic",
            "title": "UsageCapExceeded",
            "period": "Monthly",
            "scope": "Product",
            "detail": "Usage cap exceeded: Monthly product cap",
            "type": f"{names.host}/2/problems/usage-capped",
        }
        return _json(body, 429, _limits(40_000, 39_999, int(time.time()) + LIMIT_SECONDS))
    if kind == "token_expired":
        return _json(_blank(401, "Unauthorized"), 401)
    if kind == "permission":
        kind = f"{names.host}/2/problems/client-forbidden"
        return _json({**_blank(403, "Client Forbidden"), "type": kind}, 403)
    query = request.query_params
    key = next((key for key in ("ids", "usernames") if key in query), "id")
    wanted = query[key].split(",") if key in query else [request.url.path.split("/")[-2]]
    return _json({"errors": [_not_found(names, key, value) for value in wanted]}, 200)


def _users(sandbox: Any, request: Request, key: str) -> dict[str, Any]:
    names, query = names_of(sandbox), request.query_params
    _only(names, query, {key, "user.fields"})
    wanted = [value for value in query.get(key, "").split(",") if value]
    form = "[0-9]{1,19}" if key == "ids" else "[A-Za-z0-9_]{1,15}"
    if not 1 <= len(wanted) <= MOST:
        raise _invalid(names, key, query.get(key, ""), f"size must be between 1 and {MOST}")
    fields = _listed(names, query, "user.fields", USER_FIELDS)
    data, errors = [], []
    for value in wanted:
        if not re.fullmatch(form, value):
            raise _invalid(names, key, value, f"does not match ^{form}$")
        account = sandbox.world.find("x", int(value) if key == "ids" else value)
        if account is None:
            errors.append(_not_found(names, key, value))
        else:
            is_shrunken = _fault(request) == "shrunken"
            data.append(user(sandbox, names, account, fields, 10 if is_shrunken else 1))
    answer = {"data": data, "errors": errors}
    return {key: value for key, value in answer.items() if value}


def _posts(
    sandbox: Any,
    request: Request,
    read: Callable[[WorldAccount, datetime, datetime], list[Message]],
) -> dict[str, Any]:
    names, query, user_id = names_of(sandbox), request.query_params, request.path_params["id"]
    _only(names, query, PAGE_PARAMETERS | {names.fields_parameter, "expansions", "user.fields"})
    fields = _listed(names, query, names.fields_parameter, names.fields)
    expansions = _listed(names, query, "expansions", names.expansions)
    user_fields = _listed(names, query, "user.fields", USER_FIELDS)
    since, until = _moment(names, query, "start_time"), _moment(names, query, "end_time")
    now = sandbox.now()
    if since and until and since >= until:
        raise _invalid(names, "start_time", query["start_time"], "must be before end_time")
    size = query.get("max_results", str(DEFAULT_RESULTS))
    if not (size.isdecimal() and FEWEST <= int(size) <= MOST):
        raise _invalid(names, "max_results", size, f"is not between {FEWEST} and {MOST}")
    account = sandbox.world.find("x", int(user_id)) if user_id.isdecimal() else None
    if account is None:
        return {"errors": [_not_found(names, "id", user_id)]}
    rows = read(account, since or OPENING, min(until or now, now))
    if _fault(request) == "shrunken":
        rows = rows[: len(rows) // 2]
    part, token = _page(names, rows, int(size), query.get("pagination_token"), _fault(request))
    if not part:
        return {"meta": {"result_count": 0}}
    meta = {
        "result_count": len(part),
        "newest_id": str(part[0].message_id),
        "oldest_id": str(part[-1].message_id),
    }
    writer = Writer(sandbox, names, account, fields | {"id", "text"}, expansions)
    answer: dict[str, Any] = {"data": [writer.post(message) for message in part]}
    if included := writer.included(part, user_fields):
        answer["includes"] = included
    return {**answer, "meta": {**meta, "next_token": token} if token else meta}


def _page(
    names: Names, rows: Sequence[Message], size: int, token: str | None, fault: str | None
) -> tuple[Sequence[Message], str | None]:
    """(messages, token of the next page): a token holds the last id that was served."""
    start = 0
    if token is not None:
        try:
            last = int(base64.b32hexdecode(token.upper() + "=" * (-len(token) % 8)))
        except (binascii.Error, ValueError) as error:
            raise _invalid(names, "pagination_token", token, "is not valid") from error
        start = sum(message.message_id >= last for message in rows)
        if fault == "repeated_page":
            start = max(0, start - size)
    part = rows[start : start + size]
    if part and (start + size < len(rows) or fault == "empty_last_page"):
        digits = base64.b32hexencode(str(part[-1].message_id).encode())
        return part, digits.decode().rstrip("=").lower()
    return part, None


def _moment(names: Names, query: Mapping[str, str], key: str) -> datetime | None:
    text = query.get(key)
    if text is None:
        return None
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise _invalid(names, key, text, "is not an RFC 3339 date-time in Z") from error
    if moment < OPENING:
        raise _invalid(names, key, text, "must be on or after 2010-11-06")
    return moment


def _fault(request: Request) -> str | None:
    return getattr(request.state, "fault", None)


def _only(names: Names, query: Mapping[str, str], known: set[str] | frozenset[str]) -> None:
    for key in query:
        if key not in known:
            message = f"The query parameter [{key}] is not one of [{','.join(sorted(known))}]"
            raise Refusal(400, _problem(names, key, query[key], message))


def _listed(
    names: Names, query: Mapping[str, str], key: str, known: frozenset[str]
) -> frozenset[str]:
    asked = frozenset(query[key].split(",")) if key in query else frozenset()
    for value in sorted(asked - known):
        raise _invalid(names, key, value, f"is not one of [{','.join(sorted(known))}]")
    return asked


def _invalid(names: Names, key: str, value: str, complaint: str) -> Refusal:
    message = f"The `{key}` query parameter value [{value}] {complaint}"
    return Refusal(400, _problem(names, key, value, message))


def _problem(names: Names, key: str, value: str, message: str) -> dict[str, Any]:
    return {
        "errors": [{"parameters": {key: [value]}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{names.host}/2/problems/invalid-request",
    }


def _not_found(names: Names, key: str, value: str) -> dict[str, Any]:
    return {
        "value": value,
        "detail": f"Could not find user with {key}: [{value}].",
        "title": "Not Found Error",
        "resource_type": "user",
        "parameter": key,
        "resource_id": value,
        "type": f"{names.host}/2/problems/resource-not-found",
    }


def _throttled(sandbox: Any, headers: Mapping[str, str]) -> Response:
    """Both bodies of a 429 are documented; the older one goes with the older names."""
    names = names_of(sandbox)
    if names is OLD:
        return _json({"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, 429, headers)
    kind = f"{names.host}/2/problems/rate-limit-exceeded"
    return _json({**_blank(429, "Too Many Requests"), "type": kind}, 429, headers)


def _blank(status: int, title: str) -> dict[str, Any]:
    return {"title": title, "type": "about:blank", "status": status, "detail": title}


def _limits(limit: int, remaining: int, reset: int) -> dict[str, str]:
    return {
        "x-rate-limit-limit": str(limit),
        "x-rate-limit-remaining": str(remaining),
        "x-rate-limit-reset": str(reset),
    }


def _json(body: Any, status: int, headers: Mapping[str, str] | None = None) -> Response:
    media = "application/json" if status == 200 else "application/problem+json"
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, headers, media_type=f"{media}; charset=utf-8")
