"""Websites over the world: one address that answers for every website's feed (`/feed?url=`).

A website publishes originals only; its feed holds those of the last 60 days, and the last ten at
least, newest first, in the format that its number gives. Answers carry an ETag and Last-Modified
and know If-None-Match.
"""

import hashlib
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.website_objects import FORMATS

SERVED, LEAST, OLDEST = timedelta(days=60), 10, timedelta(days=480)


def news_of(world: Any, account: WorldAccount, now: datetime) -> list[Message]:
    """What a website's feed holds at a moment."""
    days = SERVED
    while True:
        found = [m for m in world.own(account, now - days, now) if m.kind == "original"]
        if days >= OLDEST or len(found) >= LEAST:
            recent = sum(m.created_at >= now - SERVED for m in found)
            return found[: max(recent, LEAST)]
        days += SERVED


def routes(sandbox: Any) -> list[Route]:
    """The one read that a connector needs, relative to the mount."""

    def feed(request: Request) -> Response:
        account = sandbox.world.find("website", request.query_params.get("url", ""))
        if account is None:
            return error_response("not_found", sandbox, request)
        news = news_of(sandbox.world, account, sandbox.now())
        if getattr(request.state, "fault", None) == "shrunken":
            news = news[: len(news) // 2]
        media_type, write = FORMATS[account.user_id % len(FORMATS)]
        body = write(account, news).encode()
        headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:20]}"'}
        if news:
            headers["Last-Modified"] = format_datetime(news[0].created_at, usegmt=True)
        known = request.headers.get("if-none-match", "")
        if headers["ETag"] in (part.strip().removeprefix("W/") for part in known.split(",")):
            return Response(status_code=304, headers=headers)
        return Response(body, headers={**headers, "Content-Type": media_type})

    return [Route("/feed", feed)]


def error_response(kind: str, _sandbox: Any, _request: Request) -> Response:
    """A web server's way to say no: a status and a page for people."""
    if kind in ("throttle", "throttle_400", "quota_spent"):
        return _page(429, "Too many requests", {"Retry-After": "60"})
    if kind in ("token_expired", "permission"):
        return _page(403, "Forbidden")
    return _page(404, "Not found")


def _page(status: int, title: str, headers: dict[str, str] | None = None) -> Response:
    body = f"<!doctype html><html><head><title>{title}</title></head><body>{title}</body></html>"
    return Response(body, status, headers, media_type="text/html")
