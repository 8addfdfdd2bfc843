"""X API v2 over the world: users and posts by id, an account's timeline, its mentions. App bearer;
an owner's for what X tells of his posts (klankbord.sandbox.x_insights).

A strict subset: a parameter, field or expansion that is not served here is refused the way X
refuses it. Names are those in force since 2026-08-07; with `sandbox.x_legacy_names = True` they are
the older ones, and nothing else is understood. Rate limits are X's own per app and 15 minutes times
`sandbox.rate_limit_scale` (100 where it is not set: the demo reads in a minute what is read in a
day), counted on the machine's clock, because that is the clock by which a client comes back.
"""

import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from klankbord.sandbox import x_insights
from klankbord.sandbox.events import happened
from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.x_objects import Writer, names_of, user
from klankbord.sandbox.x_problems import (
    Refusal,
    answer,
    blank,
    field_refused,
    invalid,
    limits,
    no_post,
    not_found,
    protected,
    throttled,
)
from klankbord.sandbox.x_query import OPENING, fault, listed, moment, only, page

LIMITS = {
    "/2/users": 300,
    "/2/users/by": 300,
    "/2/users/{id}/tweets": 10_000,
    "/2/users/{id}/mentions": 450,
    "/2/tweets": 3500,
}
LIMIT_SECONDS, DEFAULT_SCALE, THROTTLED_SECONDS = 900, 100, 2
FEWEST, DEFAULT_RESULTS, MOST = 5, 10, 100
USER_FIELDS = frozenset({"created_at", "id", "name", "protected", "public_metrics", "username"})
PAGE_PARAMETERS = frozenset({"max_results", "pagination_token", "start_time", "end_time"})


def routes(sandbox: Any) -> list[Route]:
    """X's paths relative to the mount; each counts against its own budget."""
    handlers: dict[str, Callable[[Any, Request], dict[str, Any]]] = {
        "/2/users": lambda s, r: _users(s, r, "ids"),
        "/2/users/by": lambda s, r: _users(s, r, "usernames"),
        "/2/users/{id}/tweets": lambda s, r: _posts(s, r, s.world.own),
        "/2/users/{id}/mentions": lambda s, r: _posts(s, r, s.world.incoming),
        "/2/tweets": _by_id,
    }
    # (path, token) -> (end of its 15 minutes, requests in them)
    used: dict[tuple[str, str | None], tuple[int, int]] = {}

    def route(path: str, handler: Callable[[Any, Request], dict[str, Any]]) -> Route:
        async def endpoint(request: Request) -> Response:
            limit = int(LIMITS[path] * getattr(sandbox, "rate_limit_scale", DEFAULT_SCALE))
            now, token = int(time.time()), request.headers.get("authorization")
            reset, count = used.get((path, token), (0, 0))
            if reset <= now:
                reset, count = now + LIMIT_SECONDS, 0
            used[path, token] = (reset, count + 1)
            headers = limits(limit, max(0, limit - count - 1), reset)
            if count >= limit:
                return throttled(sandbox, headers)
            try:
                if not x_insights.is_token(sandbox, token, path):
                    raise Refusal(401, blank(401, "Unauthorized"))
                return answer(handler(sandbox, request), 200, headers)
            except Refusal as refusal:
                return answer(refusal.body, refusal.status, headers)

        return Route(path, endpoint)

    return [route(path, handler) for path, handler in handlers.items()]


def error_response(kind: str, sandbox: Any, request: Request) -> Response:
    """X's own form of a fault. An unknown account is a 200 with `errors` in it."""
    names = names_of(sandbox)
    if kind in ("throttle", "throttle_400"):
        return throttled(sandbox, limits(450, 0, int(time.time()) + THROTTLED_SECONDS))
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
        return answer(body, 429, limits(40_000, 39_999, int(time.time()) + LIMIT_SECONDS))
    if kind == "token_expired":
        return answer(blank(401, "Unauthorized"), 401)
    if kind == "permission":
        kind = f"{names.host}/2/problems/client-forbidden"
        return answer({**blank(403, "Client Forbidden"), "type": kind}, 403)
    query = request.query_params
    key = next((key for key in ("ids", "usernames") if key in query), "id")
    wanted = query[key].split(",") if key in query else [request.url.path.split("/")[-2]]
    return answer({"errors": [not_found(names, key, value) for value in wanted]}, 200)


def _users(sandbox: Any, request: Request, key: str) -> dict[str, Any]:
    names, query = names_of(sandbox), request.query_params
    only(names, query, {key, "user.fields"})
    wanted = [value for value in query.get(key, "").split(",") if value]
    form = "[0-9]{1,19}" if key == "ids" else "[A-Za-z0-9_]{1,15}"
    if not 1 <= len(wanted) <= MOST:
        raise invalid(names, key, query.get(key, ""), f"size must be between 1 and {MOST}")
    fields = listed(names, query, "user.fields", USER_FIELDS)
    data, errors = [], []
    for value in wanted:
        if not re.fullmatch(form, value):
            raise invalid(names, key, value, f"does not match ^{form}$")
        account = sandbox.world.find("x", int(value) if key == "ids" else value)
        if account is None:
            errors.append(not_found(names, key, value))
        else:
            is_shrunken = fault(request) == "shrunken"
            data.append(user(sandbox, names, account, fields, 10 if is_shrunken else 1))
    answer = {"data": data, "errors": errors}
    return {key: value for key, value in answer.items() if value}


def _posts(
    sandbox: Any,
    request: Request,
    read: Callable[[WorldAccount, datetime, datetime, datetime], list[Message]],
) -> dict[str, Any]:
    names, query, user_id = names_of(sandbox), request.query_params, request.path_params["id"]
    only(names, query, PAGE_PARAMETERS | {names.fields_parameter, "expansions", "user.fields"})
    fields = listed(names, query, names.fields_parameter, names.fields)
    expansions = listed(names, query, "expansions", names.expansions)
    user_fields = listed(names, query, "user.fields", USER_FIELDS)
    since, until = moment(names, query, "start_time"), moment(names, query, "end_time")
    now = sandbox.now()
    if since and until and since >= until:
        raise invalid(names, "start_time", query["start_time"], "must be before end_time")
    size = query.get("max_results", str(DEFAULT_RESULTS))
    if not (size.isdecimal() and FEWEST <= int(size) <= MOST):
        raise invalid(names, "max_results", size, f"is not between {FEWEST} and {MOST}")
    account = sandbox.world.find("x", int(user_id)) if user_id.isdecimal() else None
    if account is None:
        return {"errors": [not_found(names, "id", user_id)]}
    if happened(sandbox, account, "protected"):
        return {"errors": [protected(names, "user", "id", user_id)]}
    rows = read(account, since or OPENING, min(until or now, now), now)
    if fault(request) == "shrunken":
        rows = rows[: len(rows) // 2]
    part, token = page(names, rows, int(size), query.get("pagination_token"), fault(request))
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


def _by_id(sandbox: Any, request: Request) -> dict[str, Any]:
    """Posts by their ids; of each that was deleted, never was, or is asked for a field that the
    token may not read, an entry of `errors`."""
    names, query = names_of(sandbox), request.query_params
    only(names, query, {"ids", names.fields_parameter, "expansions", "user.fields"})
    known = names.fields | {x_insights.FIELD}
    fields = listed(names, query, names.fields_parameter, known)
    expansions = listed(names, query, "expansions", names.expansions)
    user_fields = listed(names, query, "user.fields", USER_FIELDS)
    wanted = [value for value in query.get("ids", "").split(",") if value]
    if not 1 <= len(wanted) <= MOST:
        raise invalid(names, "ids", query.get("ids", ""), f"size must be between 1 and {MOST}")
    data: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    included: dict[str, dict[str, dict[str, Any]]] = {}
    for value in wanted:
        if not re.fullmatch("[0-9]{1,19}", value):
            raise invalid(names, "ids", value, "does not match ^[0-9]{1,19}$")
        account, message = _message(sandbox, int(value))
        if account is None or message is None:
            errors.append(no_post(names, value))
            continue
        if happened(sandbox, account, "protected"):
            errors.append(protected(names, "post", "ids", value))
            continue
        writer = Writer(sandbox, names, account, fields | {"id", "text"}, expansions)
        post = writer.post(message)
        if x_insights.FIELD in fields:
            token = request.headers.get("authorization")
            figures = x_insights.figures(sandbox, account, message, token)
            if figures is None:
                errors.append(field_refused(names, value, x_insights.FIELD))
                continue
            post[x_insights.FIELD] = figures
        data.append(post)
        for key, objects in writer.included([message], user_fields).items():
            included.setdefault(key, {}).update({each["id"]: each for each in objects})
    answer = {
        "data": data,
        "includes": {key: list(objects.values()) for key, objects in included.items()},
        "errors": errors,
    }
    return {key: value for key, value in answer.items() if value}


def _message(sandbox: Any, message_id: int) -> tuple[WorldAccount | None, Message | None]:
    """A post that stands there now, and whose it is or to whom it was said."""
    account = sandbox.world.account_of(message_id)
    message = sandbox.world.message(account, message_id) if account else None
    if message is None or account.platform != "x":
        return account, None
    read = sandbox.world.own if message.is_own else sandbox.world.incoming
    now = sandbox.now()
    standing = read(account, message.created_at, now) if message.created_at < now else []
    return account, message if message in standing else None
