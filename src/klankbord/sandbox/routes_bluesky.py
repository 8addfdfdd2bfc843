"""Bluesky's public XRPC methods over the world, with the forms seen on Bluesky's own AppView.

Feeds reach 90 days back. A cursor comes with every page that has an entry, so an empty page ends a
feed. A missing account is left out of getProfiles, is 400 InvalidRequest in getAuthorFeed, and its
posts are 400 NotFound in getPostThread. Threads can be asked for by an organisation's post.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from klankbord.sandbox import bluesky_objects as objects
from klankbord.sandbox.bluesky_objects import Json
from klankbord.sandbox.model import Message, WorldAccount

SERVED = timedelta(days=90)
QUOTA, QUOTA_PERIOD = 3000, timedelta(minutes=5)
#: parameter -> (default, least, most), as in the lexicon
LIMIT, DEPTH, PARENT_HEIGHT = (50, 1, 100), (6, 0, 1000), (80, 0, 1000)
MOST_ACTORS = 25


class Refusal(Exception):
    """An XRPC error: status, `error` and `message`."""

    def __init__(self, error: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.error, self.status = error, status


class View:
    """What one request sees of an organisation at the sandbox's moment."""

    def __init__(self, sandbox: Any, account: WorldAccount, fault: str | None) -> None:
        self.world, self.now, self.account = sandbox.world, sandbox.now(), account
        self.is_shrunken = fault == "shrunken"

    @cached_property
    def author(self) -> Json:
        account = self.account
        avatar = f"https://cdn.bsky.app/img/avatar/plain/{objects.did(account.user_id)}"
        return objects.author(account.user_id, account.handle.lower(), account.name, avatar)

    @cached_property
    def own(self) -> list[Message]:
        """The messages of the served days, newest first."""
        messages = self.world.own(self.account, self.now - SERVED, self.now)
        messages = sorted(messages, key=_sort_key, reverse=True)
        return messages[: len(messages) // 2] if self.is_shrunken else messages

    def profile(self) -> Json:
        """profileViewDetailed."""
        followers = self.world.followers(self.account, self.now)
        return {
            **self.author,
            "followersCount": followers // 10 if self.is_shrunken else followers,
            "followsCount": 0,
            "postsCount": len(self.own),
        }

    def entry(self, message: Message) -> Json:
        """feedViewPost."""
        if message.kind != "repost":
            return {"post": self.post(message)}
        own_uri = objects.uri(self.account.user_id, message.message_id, objects.REPOST)
        reason = {
            "$type": "app.bsky.feed.defs#reasonRepost",
            "by": self.author,
            **objects.strong_ref(own_uri),
            "indexedAt": objects.moment(message.created_at),
        }
        return {"post": objects.reposted_view(message), "reason": reason}

    def post(self, message: Message, replies: int | None = None) -> Json:
        """postView. `replies` where the caller has counted them; citizens' posts need it."""
        counts = {"replyCount": replies or 0, "repostCount": 0, "likeCount": 0, "quoteCount": 0}
        if message.is_own:
            counters = self.world.counters(self.account, message, self.now)
            counts = {
                "replyCount": counters.comments,
                "repostCount": counters.shares,
                "likeCount": counters.reactions,
                "quoteCount": counters.quotes,
            }
        whose = objects.citizen_author(message.author) if message.author else self.author
        record = objects.record(message, self._reply(message))
        return objects.post_view(self.uri(message), whose, record, counts, message.created_at)

    def uri(self, message: Message) -> str:
        whose = message.author or self.account
        return objects.uri(whose.user_id, message.message_id)

    def thread(self, anchor: Message, depth: int, height: int) -> Json:
        """threadViewPost: answers nested, newest first; no `replies` below the asked depth."""
        messages = self.world.thread(self.account, anchor.root_id, self.now)
        by_id = {m.message_id: m for m in messages}
        answers: dict[int | None, list[Message]] = {}
        for message in sorted(messages, key=_sort_key, reverse=True):
            answers.setdefault(message.parent_id, []).append(message)

        def node(message: Message) -> Json:
            replies = len(answers.get(message.message_id, ()))
            post = self.post(message, replies)
            return {"$type": "app.bsky.feed.defs#threadViewPost", "post": post}

        def below(message: Message, levels: int) -> Json:
            made = node(message)
            if levels:
                under = answers.get(message.message_id, ())
                made["replies"] = [below(answer, levels - 1) for answer in under]
            return made

        thread, step = below(anchor, depth), anchor
        place = thread
        for _ in range(height):
            if step.parent_id not in by_id:
                break
            step = by_id[step.parent_id]
            place["parent"] = place = node(step)
        return thread

    def _reply(self, message: Message) -> Json | None:
        if message.parent_id is None:
            return None
        root, parent = (
            self.world.message(self.account, number)
            for number in (message.root_id, message.parent_id)
        )
        return {
            "root": objects.strong_ref(self.uri(root)),
            "parent": objects.strong_ref(self.uri(parent)),
        }


def _sort_key(message: Message) -> tuple[datetime, int]:
    return message.created_at, message.message_id


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
