"""TikTok's Display API v2 over the world: whose token it is, that account answers.

Every answer has an `error` object, "ok" when all is well. Videos are listed newest first; the
cursor is a moment in milliseconds before which they were posted. Only videos exist here: no
comments, no shares of others' videos. A video's id is the world's number, an open_id the user_id.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.threads import EPOCH_SECONDS

DEFAULT_COUNT, MOST_A_PAGE = 10, 20
SERVED = timedelta(days=120)
USER_FIELDS = frozenset(
    {
        "open_id",
        "union_id",
        "avatar_url",
        "avatar_url_100",
        "avatar_large_url",
        "display_name",
        "bio_description",
        "profile_deep_link",
        "is_verified",
        "username",
        "follower_count",
        "following_count",
        "likes_count",
        "video_count",
    }
)
VIDEO_FIELDS = frozenset(
    {
        "id",
        "create_time",
        "cover_image_url",
        "share_url",
        "video_description",
        "duration",
        "height",
        "width",
        "title",
        "embed_html",
        "embed_link",
        "like_count",
        "comment_count",
        "share_count",
        "view_count",
    }
)
_WORDS = {
    "access_token_invalid": (401, "The access token is invalid or not found in the request."),
    "scope_not_authorized": (401, "The user did not authorize the scope required."),
    "rate_limit_exceeded": (429, "The API rate limit was exceeded. Please try again later."),
    "invalid_params": (400, "One or more fields in request is invalid."),
    "internal_error": (500, "Something is wrong. Please try again later."),
}


def routes(sandbox: Any) -> list[Route]:
    """The three paths of the Display API, relative to the mount."""

    async def info(request: Request) -> Response:
        account = _owner(sandbox, request)
        fields = _fields(request, USER_FIELDS)
        if account is None:
            return _error("access_token_invalid")
        if not fields:
            return _error("invalid_params")
        now, fault = sandbox.now(), getattr(request.state, "fault", None)
        videos = _videos(sandbox, account, now)
        followers = sandbox.world.followers(account, now)
        likes = sum(sandbox.world.counters(account, v, now).reactions for v in videos)
        user = {
            "open_id": str(account.user_id),
            "username": account.handle,
            "display_name": account.name,
            "avatar_url": f"https://p16.tiktokcdn.example/{account.user_id}.jpeg",
            "is_verified": True,
            "follower_count": followers // 10 if fault == "shrunken" else followers,
            "following_count": 12,
            "likes_count": likes,
            "video_count": len(videos),
        }
        return _ok({"user": {name: user[name] for name in fields if name in user}})

    async def listed(request: Request) -> Response:
        account, fields = _owner(sandbox, request), _fields(request, VIDEO_FIELDS)
        body = await _body(request)
        if account is None:
            return _error("access_token_invalid")
        count = body.get("max_count", DEFAULT_COUNT) if body is not None else 0
        cursor = body.get("cursor") if body is not None else None
        if not fields or not isinstance(count, int) or not 1 <= count <= MOST_A_PAGE:
            return _error("invalid_params")
        now, fault = sandbox.now(), getattr(request.state, "fault", None)
        rows = _videos(sandbox, account, now)
        if fault == "shrunken":
            rows = rows[: len(rows) // 2]
        before = int(cursor) if cursor else int(now.timestamp() * 1000)
        start = sum(_milliseconds(video) >= before for video in rows)
        if fault == "repeated_page" and start:
            start = max(0, start - count)
        page = rows[start : start + count]
        has_more = start + count < len(rows) or (fault == "empty_last_page" and bool(page))
        return _ok(
            {
                "videos": [_video(sandbox, account, video, now, fields) for video in page],
                "cursor": _milliseconds(page[-1]) if page else before,
                "has_more": has_more,
            }
        )

    async def queried(request: Request) -> Response:
        account, fields = _owner(sandbox, request), _fields(request, VIDEO_FIELDS)
        body = await _body(request)
        if account is None:
            return _error("access_token_invalid")
        ids = body.get("filters", {}).get("video_ids") if body is not None else None
        if not fields or not isinstance(ids, list) or not 1 <= len(ids) <= MOST_A_PAGE:
            return _error("invalid_params")
        now = sandbox.now()
        found = [v for v in _videos(sandbox, account, now) if str(v.message_id) in ids]
        return _ok({"videos": [_video(sandbox, account, v, now, fields) for v in found]})

    return [
        Route("/v2/user/info/", info, methods=["GET"]),
        Route("/v2/video/list/", listed, methods=["POST"]),
        Route("/v2/video/query/", queried, methods=["POST"]),
    ]


def error_response(kind: str, sandbox: Any, request: Request) -> Response:
    """TikTok's own form of a fault."""
    if kind in ("throttle", "throttle_400", "quota_spent"):
        return _error("rate_limit_exceeded")
    if kind == "permission":
        return _error("scope_not_authorized")
    # an account that is gone takes its tokens along
    return _error("access_token_invalid")


def _owner(sandbox: Any, request: Request) -> WorldAccount | None:
    """The account whose token it is: `<token of the sandbox>.<user_id>`."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    common, _, user_id = token.rpartition(".")
    if common != sandbox.token or not user_id.isdecimal():
        return None
    return sandbox.world.find("tiktok", int(user_id))


def _fields(request: Request, known: frozenset[str]) -> list[str] | None:
    """The fields that are asked for; None when there are none or one is unknown."""
    asked = [name for name in request.query_params.get("fields", "").split(",") if name]
    return asked if asked and known.issuperset(asked) else None


async def _body(request: Request) -> dict[str, Any] | None:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        body = await request.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _videos(sandbox: Any, account: WorldAccount, now: datetime) -> list[Message]:
    """The account's videos, newest first."""
    own = sandbox.world.own(account, now - SERVED, now)
    return [message for message in own if message.kind == "original"]


def _milliseconds(video: Message) -> int:
    """When a video was posted; a world's ids tell the thousandths."""
    return (video.message_id >> 22) + EPOCH_SECONDS * 1000


def _video(
    sandbox: Any, account: WorldAccount, video: Message, now: datetime, fields: list[str]
) -> dict[str, Any]:
    counters = sandbox.world.counters(account, video, now)
    address = f"https://www.tiktok.com/@{account.handle}/video/{video.message_id}"
    values = {
        "id": str(video.message_id),
        "create_time": int(video.created_at.astimezone(UTC).timestamp()),
        "title": "",
        "video_description": video.text,
        "duration": 17,
        "share_url": address,
        "embed_link": address,
        "cover_image_url": f"https://p16.tiktokcdn.example/{video.message_id}.jpeg",
        "like_count": counters.reactions,
        "comment_count": counters.comments,
        "share_count": counters.shares,
        "view_count": counters.views,
    }
    return {name: values[name] for name in fields if name in values}


def _ok(data: dict[str, Any]) -> Response:
    return _json({"data": data, "error": {"code": "ok", "message": "", "log_id": "SANDBOX0"}}, 200)


def _error(code: str) -> Response:
    status, message = _WORDS[code]
    return _json(
        {"data": {}, "error": {"code": code, "message": message, "log_id": "SANDBOX0"}}, status
    )


def _json(body: Any, status: int) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, media_type="application/json")
