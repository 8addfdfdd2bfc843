"""YouTube Data API v3 over the world: channels, uploads, videos, comment threads and replies.

A strict subset: a parameter or part that is not served here is refused. Each call costs a unit of
10,000 a Pacific day times `sandbox.rate_limit_scale` (100 where it is not set: the demo reads in a
minute what is read in a day). Videos of the last 90 days are served. A thread shows two of its
replies (YouTube: "a limited number"), so that longer ones must be asked for.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from klankbord.sandbox import youtube_objects as objects
from klankbord.sandbox.insights import PACIFIC
from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.youtube_errors import Refusal, as_json, error_response, key_refused
from klankbord.sandbox.youtube_reports import report

__all__ = ["error_response", "routes"]

UNITS, DEFAULT_SCALE = 10_000, 100
SERVED = timedelta(days=90)
REPLIES_SHOWN = 2
PAGED = {"maxResults", "pageToken"}
Row = tuple[str, Any]


class Answer:
    """What one request sees of the world at the sandbox's moment."""

    def __init__(self, sandbox: Any, request: Request) -> None:
        self.sandbox, self.world, self.now = sandbox, sandbox.world, sandbox.now()
        self.query: Mapping[str, str] = request.query_params
        self.fault: str | None = getattr(request.state, "fault", None)

    def channels(self) -> dict[str, Any]:
        """By up to 50 ids, or by one handle. Who is not found is left out without a word."""
        filters = self._only(
            {"id", "forHandle"} | PAGED, {"snippet", "contentDetails", "statistics"}
        )
        asked = [name for name in self.query.get("id", "").split(",") if name]
        if len(filters) != 1 or len(asked) > 50:
            raise Refusal(400, "invalidFilters", "One filter, of at most 50 ids, is needed.")
        if "id" in filters:
            numbers = [objects.user_id_of(name) for name in asked if name.startswith("UC")]
            found = [self.world.find("youtube", n) for n in numbers if n is not None]
        else:
            found = [self.world.find("youtube", self.query["forHandle"].removeprefix("@"))]
        rows = [(a.account_id, self._channel(a)) for a in found if a is not None]
        return self._page("channel", rows, 5, 50)

    def _channel(self, account: WorldAccount) -> dict[str, Any]:
        subscribers = self.world.followers(account, self.now)
        if self.fault == "shrunken":
            subscribers //= 10
        views = sum(self.world.counters(account, m, self.now).views for m in self._posts(account))
        return objects.channel(account, subscribers, len(self._posts(account)), views)

    def uploads(self) -> dict[str, Any]:
        """The videos of an uploads playlist, newest first; a channel without any has none."""
        self._only({"playlistId"} | PAGED, {"snippet", "contentDetails"})
        name = self.query.get("playlistId", "")
        number = objects.user_id_of(name) if name.startswith("UU") else None
        account = None if number is None else self.world.find("youtube", number)
        posts = self._posts(account) if account else []
        if account is None or not posts:
            raise Refusal(404, "playlistNotFound", "The playlist cannot be found.")
        rows = [
            (objects.video_id(post.message_id), objects.playlist_item(account, post, place))
            for place, post in enumerate(self._shrunken(posts))
        ]
        return self._page("playlistItem", rows, 5, 50)

    def videos(self) -> dict[str, Any]:
        """By up to 50 ids; maxResults has no meaning there."""
        self._only({"id"}, {"snippet", "statistics"})
        asked = [name for name in self.query.get("id", "").split(",") if name]
        if not 0 < len(asked) <= 50:
            raise Refusal(400, "invalidFilters", "From 1 to 50 ids are needed.")
        rows: list[Row] = []
        for name in self._shrunken(asked):
            account, post = self._video(name)
            if account and post:
                counters = self.world.counters(account, post, self.now)
                rows.append((name, objects.video(account, post, counters)))
        return self._page("video", rows, 50, 50)

    def threads(self) -> dict[str, Any]:
        """Of a video, or of all videos of a channel, newest first."""
        both = {"videoId", "allThreadsRelatedToChannelId"}
        filters = self._only(both | PAGED | {"order", "textFormat"}, {"snippet", "replies"})
        if len(filters & both) != 1 or self.query.get("order", "time") != "time":
            raise Refusal(400, "invalidFilters", "One filter is needed, and order time.")
        if "videoId" in filters:
            account, post = self._video(self.query["videoId"])
            posts = [post] if post else []
            missing = Refusal(404, "videoNotFound", "The video cannot be found.")
        else:
            number = objects.user_id_of(self.query["allThreadsRelatedToChannelId"])
            account = None if number is None else self.world.find("youtube", number)
            posts = self._posts(account) if account else []
            missing = Refusal(404, "channelNotFound", "The channel cannot be found.")
        if account is None or ("videoId" in filters and not posts):
            raise missing
        found = [(top, post) for post in posts for top in self._answers(account, post.message_id)]
        found.sort(key=lambda pair: pair[0].message_id, reverse=True)
        rows = [
            (objects.thread_id(top.message_id), self._thread(account, post, top))
            for top, post in self._shrunken(found)
        ]
        return self._page("commentThread", rows, 20, 100)

    def _thread(self, account: WorldAccount, post: Message, top: Message) -> dict[str, Any]:
        replies = self._answers(account, top.message_id)
        whole = objects.thread(account, post, top, replies, REPLIES_SHOWN)
        for comment in (
            whole["snippet"]["topLevelComment"],
            *whole.get("replies", {}).get("comments", []),
        ):
            self._format(comment)
        return whole

    def replies(self) -> dict[str, Any]:
        """Of a top-level comment, oldest first."""
        self._only({"parentId", "textFormat"} | PAGED, {"snippet"})
        number = objects.message_of_thread(self.query.get("parentId", ""))
        account = None if number is None else self.world.account_of(number)
        top = account and self.world.message(account, number)
        if top is None or account.platform != "youtube":
            raise Refusal(404, "commentNotFound", "The comment cannot be found.")
        post = self.world.message(account, top.root_id)
        found = [
            objects.comment(account, post, reply, in_thread=False)
            for reply in self._shrunken(self._answers(account, top.message_id))
        ]
        return self._page("comment", [(c["id"], self._format(c)) for c in found], 20, 100)

    def _format(self, comment: dict[str, Any]) -> dict[str, Any]:
        if self.query.get("textFormat", "html") != "plainText":
            snippet = comment["snippet"]
            snippet["textDisplay"] = objects.as_html(snippet["textDisplay"])
        return comment

    def _posts(self, account: WorldAccount) -> list[Message]:
        """A channel's videos, newest first. YouTube has no reposts."""
        own = self.world.own(account, self.now - SERVED, self.now)
        return [m for m in own if m.kind == "original"]

    def _answers(self, account: WorldAccount, message_id: int) -> list[Message]:
        return self.world.answers(account, message_id, self.now)

    def _video(self, name: str) -> tuple[WorldAccount | None, Message | None]:
        number = objects.message_id_of(name)
        account = None if number is None else self.world.account_of(number)
        if account is None or account.platform != "youtube":
            return None, None
        thread = self.world.thread(account, number, self.now)
        return account, next((m for m in thread if m.message_id == number), None)

    def _shrunken(self, rows: Sequence[Any]) -> Sequence[Any]:
        return rows[: len(rows) // 2] if self.fault == "shrunken" else rows

    def _only(self, names: set[str], parts: set[str]) -> set[str]:
        """The parameters that choose; Refusal for one, or for a part, that is not served."""
        given = set(self.query) - {"key", "part"}
        if unknown := sorted(given - names):
            raise Refusal(400, "unexpectedParameter", f"Unexpected parameter: {unknown[0]}.")
        self.parts = set(self.query.get("part", "").split(",")) - {""}
        if not self.parts:
            raise Refusal(400, "missingRequiredParameter", "No filter selected or no part named.")
        if unknown := sorted(self.parts - parts - {"id"}):
            raise Refusal(400, "unknownPart", f"{unknown[0]} is no part of this resource.")
        return given - PAGED - {"order", "textFormat"}

    def _page(self, kind: str, rows: Sequence[Row], usual: int, most: int) -> dict[str, Any]:
        """A page of rows (key first); a token holds the last key that was served."""
        text = self.query.get("maxResults", str(usual))
        if not text.isdecimal() or not 0 < int(text) <= most:
            raise Refusal(400, "invalidParameter", f"maxResults is not from 1 to {most}.")
        size, start, token = int(text), 0, self.query.get("pageToken")
        if token is not None:
            places = {_token(key): place for place, (key, _) in enumerate(rows, 1)}
            if token not in places:
                raise Refusal(400, "invalidPageToken", "The page token is not valid.")
            start = places[token]
            if self.fault == "repeated_page":
                start = max(0, start - size)
        page = rows[start : start + size]
        head = {"kind": f"youtube#{kind}ListResponse", "etag": _token(f"{kind}{len(rows)}")}
        info = {"totalResults": len(rows), "resultsPerPage": size}
        answer: dict[str, Any] = {**head, "pageInfo": info}
        if page and (start + size < len(rows) or self.fault == "empty_last_page"):
            answer["nextPageToken"] = _token(page[-1][0])
        if page or kind != "channel":  # who finds no channel gets no list at all
            answer["items"] = [self._cut(row) for _, row in page]
        return answer

    def _cut(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in row.items() if k in self.parts | {"kind", "etag", "id"}}


def _token(key: str) -> str:
    return urlsafe_b64encode(key.encode()).decode().rstrip("=")


def routes(sandbox: Any) -> list[Route]:
    """YouTube's paths relative to the mount: the Data API's and, on a host of its own, /v2/reports
    of the Analytics API, which takes no units."""
    used: dict[Any, int] = {}  # Pacific day -> units

    def route(path: str, answer: Callable[[Answer], dict[str, Any]]) -> Route:
        async def endpoint(request: Request) -> Response:
            day = sandbox.now().astimezone(PACIFIC).date()
            used[day] = used.get(day, 0) + 1
            scale = getattr(sandbox, "rate_limit_scale", DEFAULT_SCALE)
            if used[day] > round(UNITS * scale):
                return error_response("quota_spent", sandbox, request)
            try:
                if refusal := key_refused(request.query_params.get("key"), sandbox.token):
                    raise refusal
                return as_json(answer(Answer(sandbox, request)), 200)
            except Refusal as refusal:
                return as_json(refusal.body, refusal.status)

        return Route(path, endpoint)

    async def reports(request: Request) -> Response:
        try:
            token = request.headers.get("authorization")
            return as_json(report(sandbox, request.query_params, token), 200)
        except Refusal as refusal:
            return as_json(refusal.body, refusal.status)

    return [
        route("/youtube/v3/channels", Answer.channels),
        route("/youtube/v3/playlistItems", Answer.uploads),
        route("/youtube/v3/videos", Answer.videos),
        route("/youtube/v3/commentThreads", Answer.threads),
        route("/youtube/v3/comments", Answer.replies),
        Route("/v2/reports", reports),
    ]
