"""Mastodon's API (4.5) over the world. Every account's own server is played by this one address.

Ids are the world's numbers as text; an organisation is local (`acct` is its bare name), a citizen
is known by name, handle and avatar, as on a real server. Statuses of the last 90 days are served.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from klankbord.sandbox import mastodon_objects as objects
from klankbord.sandbox.events import happened
from klankbord.sandbox.model import Counters, Message, WorldAccount

DEFAULT_LIMIT, MOST_A_PAGE = 20, 40
SERVED = timedelta(days=90)
QUOTA, QUOTA_PERIOD = 300, timedelta(minutes=5)
VERSION = "4.5.0"
_UNCOUNTED = Counters(reactions=0, comments=0, shares=0, quotes=0, views=0)


class Server:
    """What one request sees of an organisation's server at the sandbox's moment."""

    def __init__(self, sandbox: Any, account: WorldAccount, fault: str | None) -> None:
        self.world, self.now, self.account = sandbox.world, sandbox.now(), account
        self.fault, self.move = fault, happened(sandbox, account, "moved")

    @cached_property
    def own(self) -> list[Message]:
        """The organisation's messages of the served days, newest first."""
        return self.world.own(self.account, self.now - SERVED, self.now)

    @cached_property
    def profile(self) -> dict[str, Any]:
        """The organisation as an Account."""
        followers = self.world.followers(self.account, self.now)
        name, server = objects.parts(self.account.handle)
        made = objects.account(
            self.account.user_id,
            name,
            self.account.handle,
            self.account.name,
            f"https://{server}/avatars/{name}.png",
            followers // 10 if self.fault == "shrunken" else followers,
            self.own[0].created_at if self.own else None,
            len(self.own),
        )
        if self.move:  # the key is there only then
            new = objects.account(0, self.move.to, self.move.to, self.account.name, "", 1)
            made["moved"] = new
        return made

    def status(self, message: Message, replies: int | None = None) -> dict[str, Any]:
        """A message as a Status. Counters of citizens' messages: their answers, nothing else."""
        author = self.profile if message.author is None else objects.citizen(message.author)
        counters = (
            self.world.counters(self.account, message, self.now) if message.is_own else _UNCOUNTED
        )
        parent = (
            None
            if message.parent_id is None
            else self.world.message(self.account, message.parent_id)
        )
        reblog = None
        if message.kind == "repost":
            whose = objects.citizen(message.reposted_author) if message.reposted_author else author
            text = objects.content(message.reposted_text or message.text, ())
            whose_id = message.reposted_id or message.message_id - 1
            reblog = objects.status(whose_id, message, whose, text, _UNCOUNTED, 0)
        body = objects.status(
            message.message_id,
            message,
            author,
            # like some servers do, a repost shows the foreign text as its own
            reblog["content"] if reblog else objects.content(message.text, message.mentions),
            counters,
            counters.comments if replies is None else replies,
        )
        body["mentions"] = [objects.mention(person) for person in message.mentions]
        body["reblog"] = reblog
        if parent is not None:
            body["in_reply_to_id"] = str(parent.message_id)
            whose_id = parent.author.user_id if parent.author else self.account.user_id
            body["in_reply_to_account_id"] = str(whose_id)
            body["visibility"] = "unlisted" if message.is_own else "public"
        return body

    def context(self, message: Message) -> dict[str, Any]:
        """Ancestors and descendants of a message, oldest first."""
        thread = self.world.thread(self.account, message.root_id, self.now)
        by_id = {m.message_id: m for m in thread}
        answers: dict[int | None, int] = {}
        for m in thread:
            answers[m.parent_id] = answers.get(m.parent_id, 0) + 1
        below, descendants = {message.message_id}, []
        for m in thread:
            if m.parent_id in below:
                below.add(m.message_id)
                descendants.append(m)
        ancestors: list[Message] = []
        while message.parent_id in by_id:
            message = by_id[message.parent_id]
            ancestors.insert(0, message)
        return {
            "ancestors": [self.status(m, answers.get(m.message_id, 0)) for m in ancestors],
            "descendants": [self.status(m, answers.get(m.message_id, 0)) for m in descendants],
        }

    def statuses(self, request: Request) -> tuple[list[dict[str, Any]], dict[str, str]]:
        """A page of the account's statuses, newest first, and its Link header."""
        query = request.query_params
        limit = min(_number(query.get("limit"), DEFAULT_LIMIT) or DEFAULT_LIMIT, MOST_A_PAGE)
        rows = self.own[: len(self.own) // 2] if self.fault == "shrunken" else self.own
        rows = [m for m in rows if m.message_id > _number(query.get("min_id"), 0)]
        max_id = _number(query.get("max_id"), 0)
        start = sum(m.message_id >= max_id for m in rows) if max_id else 0
        if self.fault == "repeated_page" and start:
            start = max(0, start - limit)
        page = rows[start : start + limit]
        if "min_id" in query:
            page = rows[-limit:]
        links = []
        if page:
            # a full page promises another one, also when nothing follows: like Mastodon
            if len(page) == limit or self.fault == "empty_last_page":
                links.append(_link(request, limit, "max_id", page[-1], "next"))
            links.append(_link(request, limit, "min_id", page[0], "prev"))
        return [self.status(m) for m in page], {"Link": ", ".join(links)} if links else {}


def _link(request: Request, limit: int, cursor: str, message: Message, rel: str) -> str:
    url = request.url.replace(query=f"limit={limit}&{cursor}={message.message_id}", fragment="")
    return f'<{url}>; rel="{rel}"'


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default


def routes(sandbox: Any) -> list[Route]:
    """The public reads that a connector needs, relative to the mount."""

    def server(request: Request, account: WorldAccount) -> Server:
        return Server(sandbox, account, getattr(request.state, "fault", None))

    def lookup(request: Request) -> Response:
        acct = request.query_params.get("acct", "").removeprefix("@")
        account = sandbox.world.find("mastodon", acct)
        return _json(server(request, account).profile) if account else _not_found()

    def statuses(request: Request) -> Response:
        account = sandbox.world.find("mastodon", _number(request.path_params["account_id"], -1))
        if account is None:
            return _not_found()
        return _json(*server(request, account).statuses(request))

    def context(request: Request) -> Response:
        status_id = _number(request.path_params["status_id"], -1)
        account = sandbox.world.account_of(status_id)
        message = account and sandbox.world.message(account, status_id)
        return _json(server(request, account).context(message)) if message else _not_found()

    def instance(request: Request) -> Response:
        return _json({"domain": "sandbox.example", "title": "Sandbox", "version": VERSION})

    def checked(endpoint: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def check(request: Request) -> Response:
            token = request.headers.get("authorization")
            if token not in (None, f"Bearer {sandbox.token}"):
                return error_response("token_expired", sandbox, request)
            return endpoint(request)

        return check

    table = {
        "/api/v1/accounts/lookup": lookup,
        "/api/v1/accounts/{account_id}/statuses": statuses,
        "/api/v1/statuses/{status_id}/context": context,
        "/api/v2/instance": instance,
    }
    return [Route(path, checked(endpoint)) for path, endpoint in table.items()]


def error_response(kind: str, sandbox: Any, request: Request) -> Response:
    """Mastodon's own form of a fault: an HTTP status and one line of English."""
    if kind in ("throttle", "throttle_400", "quota_spent"):
        return _json({"error": "Too many requests"}, status=429, remaining=0)
    if kind == "token_expired":
        return _json({"error": "The access token is invalid"}, status=401)
    if kind == "permission":
        return _json({"error": "This API requires an authenticated user"}, status=401)
    return _not_found()


def _not_found() -> Response:
    return _json({"error": "Record not found"}, status=404)


def _json(
    body: Any,
    headers: dict[str, str] | None = None,
    *,
    status: int = 200,
    remaining: int = QUOTA - 1,
) -> Response:
    """The answer with Mastodon's rate-limit headers: the reset is a real moment, in ISO 8601."""
    quota = {
        "X-RateLimit-Limit": str(QUOTA),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": (datetime.now(UTC) + QUOTA_PERIOD).isoformat(),
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(
        text.encode(),
        status,
        {**quota, **(headers or {})},
        media_type="application/json; charset=utf-8",
    )
