"""The sandbox's TikTok, and a schema of its answers after the documentation (only that)."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import jsonschema
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from tests.page_world import NOW, PageWorld

from klankbord.platforms.tiktok import USER_FIELDS, VIDEO_FIELDS, TikTok
from klankbord.sandbox import routes_tiktok

ERROR = {
    "type": "object",
    "properties": {n: {"type": "string"} for n in ("code", "message", "log_id")},
    "required": ["code", "message", "log_id"],
    "additionalProperties": False,
}
INTEGER, TEXT = {"type": "integer"}, {"type": "string"}
#: developers.tiktok.com/doc/tiktok-api-v2-get-user-info and -video-list in stored copies, read on
#: 2026-11-22; the fields of a video by how public clients name them
USER = {
    **dict.fromkeys(("open_id", "union_id", "avatar_url", "display_name", "username"), TEXT),
    **dict.fromkeys(("bio_description", "profile_deep_link"), TEXT),
    **dict.fromkeys(("follower_count", "following_count", "likes_count", "video_count"), INTEGER),
    "is_verified": {"type": "boolean"},
}
VIDEO = {
    **dict.fromkeys(("id", "title", "video_description", "cover_image_url", "share_url"), TEXT),
    **dict.fromkeys(("embed_html", "embed_link"), TEXT),
    **dict.fromkeys(("create_time", "duration", "height", "width"), INTEGER),
    **dict.fromkeys(("like_count", "comment_count", "share_count", "view_count"), INTEGER),
}


def answer_of(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"data": data, "error": ERROR},
        "required": ["data", "error"],
        "additionalProperties": False,
    }


def strict(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


VIDEOS = {"type": "array", "items": strict(VIDEO), "maxItems": 20}
SCHEMAS = {
    "user/info": answer_of(strict({"user": strict(USER)}, "user")),
    "video/list": answer_of(
        strict({"videos": VIDEOS, "cursor": INTEGER, "has_more": {"type": "boolean"}}, "cursor")
    ),
    "video/query": answer_of(strict({"videos": VIDEOS}, "videos")),
}


class House:
    """The routes over an account with 25 videos."""

    def __init__(self) -> None:
        self.world = PageWorld("tiktok")
        self.world.page(1, posts=25)
        sandbox = SimpleNamespace(world=self.world, now=lambda: NOW, token="t")
        self.app = Starlette(routes=[Mount("/tiktok", routes=routes_tiktok.routes(sandbox))])

    def ask(
        self, path: str, fields: str = "id", body: Any = None, token: str = "t.1001"
    ) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://tt") as client:
                method = "GET" if body is None else "POST"
                return await client.request(
                    method,
                    f"/tiktok/v2/{path}/",
                    params={"fields": fields},
                    json=body,
                    headers={"Authorization": f"Bearer {token}"},
                )

        return asyncio.run(send())


@pytest.fixture
def house() -> House:
    return House()


def test_answers_are_those_of_the_documentation(house: House) -> None:
    ids = [str(m.message_id) for m in house.world.said[:2]]
    answers = {
        "user/info": house.ask("user/info", USER_FIELDS),
        "video/list": house.ask("video/list", VIDEO_FIELDS, {"max_count": 20}),
        "video/query": house.ask("video/query", VIDEO_FIELDS, {"filters": {"video_ids": ids}}),
    }
    for name, response in answers.items():
        assert response.json()["error"]["code"] == "ok"
        jsonschema.validate(response.json(), SCHEMAS[name])
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**response.json(), "extra": {}}, SCHEMAS[name])
    assert {v["id"] for v in answers["video/query"].json()["data"]["videos"]} == set(ids)


def test_every_field_that_we_ask_for_or_keep_is_documented() -> None:
    assert set(USER_FIELDS.split(",")) <= USER.keys()
    assert set(VIDEO_FIELDS.split(",")) <= VIDEO.keys()
    assert TikTok.fields["profiles"].own <= USER.keys()
    assert TikTok.fields["posts"].own <= VIDEO.keys()
    assert VIDEO.keys() >= routes_tiktok.VIDEO_FIELDS


def test_paging_by_a_moment(house: House) -> None:
    first = house.ask("video/list", "id,create_time", {"max_count": 20}).json()["data"]
    assert (len(first["videos"]), first["has_more"]) == (20, True)
    assert first["cursor"] // 1000 == first["videos"][-1]["create_time"]
    rest = house.ask("video/list", "id", {"max_count": 20, "cursor": first["cursor"]}).json()
    assert (len(rest["data"]["videos"]), rest["data"]["has_more"]) == (5, False)
    default = house.ask("video/list", "id", {}).json()["data"]
    assert len(default["videos"]) == 10


@pytest.mark.parametrize(
    ("path", "fields", "body", "token", "status", "code"),
    [
        ("user/info", "open_id", None, "t", 401, "access_token_invalid"),
        ("user/info", "open_id", None, "t.999", 401, "access_token_invalid"),
        ("user/info", "open_id", None, "other.1001", 401, "access_token_invalid"),
        ("user/info", "", None, "t.1001", 400, "invalid_params"),
        ("user/info", "open_id,shoe_size", None, "t.1001", 400, "invalid_params"),
        ("video/list", "id", {"max_count": 21}, "t.1001", 400, "invalid_params"),
        ("video/list", "id", {"max_count": "20"}, "t.1001", 400, "invalid_params"),
        ("video/list", "id", [], "t.1001", 400, "invalid_params"),
        ("video/query", "id", {"filters": {}}, "t.1001", 400, "invalid_params"),
        ("video/query", "id", {}, "t", 401, "access_token_invalid"),
    ],
)
def test_refusals(
    house: House, path: str, fields: str, body: Any, token: str, status: int, code: str
) -> None:
    response = house.ask(path, fields, body, token)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("throttle", 429, "rate_limit_exceeded"),
        ("quota_spent", 429, "rate_limit_exceeded"),
        ("token_expired", 401, "access_token_invalid"),
        ("permission", 401, "scope_not_authorized"),
        ("not_found", 401, "access_token_invalid"),
    ],
)
def test_faults(kind: str, status: int, code: str) -> None:
    response = routes_tiktok.error_response(kind, None, Request({"type": "http"}))
    body = httpx.Response(response.status_code, content=response.body).json()
    assert (response.status_code, body["error"]["code"]) == (status, code)


def test_the_comments_of_a_video_are_counted_but_never_shown(house: House) -> None:
    video = house.world.said[0]
    house.world.say(1_001, video.created_at + timedelta(minutes=5), video, kind="continuation")
    found = house.ask("video/list", "id,comment_count", {"max_count": 1}).json()["data"]
    assert found["videos"] == [{"id": str(video.message_id), "comment_count": 1}]
