"""Bluesky's public XRPC methods over the world, with the forms seen on Bluesky's own AppView.

Feeds reach 90 days back. A cursor comes with every page that has an entry, so an empty page ends a
feed. A missing account is left out of getProfiles, is 400 InvalidRequest in getAuthorFeed, and its
posts are 400 NotFound in getPostThread. Threads can be asked for by an organisation's post.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from klankbord.sandbox import bluesky_objects as objects
from klankbord.sandbox.bluesky_objects import Json
from klankbord.sandbox.bluesky_view import View
from klankbord.sandbox.model import Message

QUOTA, QUOTA_PERIOD = 3000, timedelta(minutes=5)
#: parameter -> (default, least, most), as in the lexicon
LIMIT, DEPTH, PARENT_HEIGHT = (50, 1, 100), (6, 0, 1000), (80, 0, 1000)
MOST_ACTORS = 25


class Refusal(Exception):
    """An XRPC error: status, `error` and `message`."""

    def __init__(self, error: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.error, self.status = error, status


def routes(sandbox: Any) -> list[Route]:
    """The three public reads that a connector needs, and a refusal of every other method."""

    def view(request: Request, actor: str) -> View | None:
        user_id = objects.user_id_of(actor)
        who = actor.lower() if user_id is None else user_id
        account = sandbox.world.find("bluesky", who)
        fault = getattr(request.state, "fault", None)
        return View(sandbox, account, fault) if account else None

    def get_profiles(request: Request) -> Json:
        actors = request.query_params.getlist("actors")
        if not actors or len(actors) > MOST_ACTORS:
            raise Refusal("InvalidRequest", f"Error: actors must have 1 to {MOST_ACTORS} elements")
        if any("." not in actor and not actor.startswith("did:") for actor in actors):
            raise Refusal("InvalidRequest", "Error: actors must be a valid did or a handle")
        found = {actor: view(request, actor) for actor in actors}
        return {"profiles": [seen.profile() for seen in found.values() if seen]}

    def get_author_feed(request: Request) -> Json:
        query = request.query_params
        limit = _number(query, "limit", LIMIT)
        seen = view(request, query.get("actor", ""))
        if seen is None:
            raise Refusal("InvalidRequest", "Profile not found")
        start = _start(seen.own, query.get("cursor"))
        cursor = None
        if getattr(request.state, "fault", None) == "repeated_page" and start:
            start, cursor = max(0, start - limit), query["cursor"]
        page = seen.own[start : start + limit]
        if page:
            cursor = cursor or f"{_milliseconds(page[-1])}__{objects.tid(page[-1].message_id)}"
        feed = {"feed": [seen.entry(message) for message in page]}
        return {"cursor": cursor, **feed} if cursor else feed

    def get_post_thread(request: Request) -> Json:
        query = request.query_params
        depth = _number(query, "depth", DEPTH)
        height = _number(query, "parentHeight", PARENT_HEIGHT)
        parts = query.get("uri", "").split("/")
        if len(parts) != 5 or parts[0] != "at:":
            raise Refusal("InvalidRequest", "Error: uri must be a valid at-uri")
        seen, number = view(request, parts[2]), objects.message_id_of(parts[4])
        message = seen.world.message(seen.account, number) if seen and number else None
        if seen is None or message is None or not message.is_own or message.created_at > seen.now:
            raise Refusal("NotFound", f"Post not found: {query['uri']}")
        return {"thread": seen.thread(message, depth, height)}

    def unknown(request: Request) -> Json:
        raise Refusal("MethodNotImplemented", "Method Not Implemented", 501)

    table = {
        "/xrpc/app.bsky.actor.getProfiles": get_profiles,
        "/xrpc/app.bsky.feed.getAuthorFeed": get_author_feed,
        "/xrpc/app.bsky.feed.getPostThread": get_post_thread,
        "/xrpc/{method}": unknown,
    }
    return [Route(path, _answering(method)) for path, method in table.items()]


def error_response(kind: str, sandbox: Any, request: Request) -> Response:
    """Bluesky's own form of a fault."""
    if kind in ("throttle", "throttle_400", "quota_spent"):
        return _error("RateLimitExceeded", "Rate Limit Exceeded", 429, remaining=0)
    if kind == "token_expired":
        return _error("ExpiredToken", "Token has expired", 400)
    if kind == "permission":
        return _error("AuthMissing", "Authentication Required", 401)
    if request.url.path.endswith("getProfiles"):
        return _json({"profiles": []})
    if request.url.path.endswith("getPostThread"):
        return _error("NotFound", "Post not found", 400)
    return _error("InvalidRequest", "Profile not found", 400)


def _answering(method: Callable[[Request], Json]) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        try:
            return _json(method(request))
        except Refusal as refusal:
            return _error(refusal.error, str(refusal), refusal.status)

    return endpoint


def _number(query: Mapping[str, str], name: str, bounds: tuple[int, int, int]) -> int:
    default, least, most = bounds
    text = query.get(name, str(default))
    number = int(text) if text.isdecimal() else least - 1
    if number < least:
        raise Refusal("InvalidRequest", f"Error: {name} can not be less than {least}")
    if number > most:
        raise Refusal("InvalidRequest", f"Error: {name} can not be greater than {most}")
    return number


def _milliseconds(message: Message) -> int:
    return int(message.created_at.timestamp() * 1000)


def _start(messages: Iterable[Message], cursor: str | None) -> int:
    """How many messages lie at or before the cursor, `<epoch ms>__<TID>` of the last one served."""
    if cursor is None:
        return 0
    moment, _, rest = cursor.partition("__")
    number = objects.message_id_of(rest)
    if not moment.isdecimal() or number is None:
        raise Refusal("InternalServerError", "Internal Server Error", 500)
    last = (int(moment), number)
    return sum((_milliseconds(m), m.message_id) >= last for m in messages)


def _error(error: str, message: str, status: int, remaining: int = QUOTA - 1) -> Response:
    return _json({"error": error, "message": message}, status, remaining)


def _json(body: Json, status: int = 200, remaining: int = QUOTA - 1) -> Response:
    """The answer with Bluesky's rate-limit headers; the reset is a real moment (epoch seconds)."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    headers = {
        "RateLimit-Limit": str(QUOTA),
        "RateLimit-Remaining": str(remaining),
        "RateLimit-Reset": str(int((datetime.now(UTC) + QUOTA_PERIOD).timestamp())),
        "RateLimit-Policy": f"{QUOTA};w={int(QUOTA_PERIOD.total_seconds())}",
    }
    return Response(text.encode(), status, headers, media_type="application/json; charset=utf-8")
