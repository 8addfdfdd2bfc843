"""X's requests: in names old or new, against the budgets of its endpoints, page after page."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from klankbord.budget import Purpose
from klankbord.http import Client
from klankbord.platforms.events import Stream
from klankbord.platforms.x_answers import is_about, objects, refusal, reset
from klankbord.verdicts import BadRequest, ServerError, Throttled

log = logging.getLogger(__name__)
PAGE_SIZE, LEAST_PAGE = 100, 5
USER_FIELDS = "created_at,id,protected,public_metrics,username"
NEW_NAMES = {
    "post.fields": "conversation_id,created_at,id,note_post,public_metrics,text",
    "expansions": "author_id,in_reply_to_user_id,referenced_posts",
}
OLD_NAMES = {
    "tweet.fields": "author_id,conversation_id,created_at,id,in_reply_to_user_id,note_tweet,"
    "public_metrics,referenced_tweets,text",
}


class Calls:
    """What one client asks of X. `spent`: endpoint -> when its budget is filled again."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._names: Mapping[str, str] = NEW_NAMES
        self.spent: dict[str, datetime] = {}

    def posts(
        self, user_id: str, stream: Stream, since: datetime, until: datetime
    ) -> dict[str, Mapping[str, Any]]:
        """All posts of [since, until) by id, newest first. A short or empty page is no end: no
        token is. X knows whole seconds."""
        endpoint = f"/2/users/:id/{'tweets' if stream == 'posts' else 'mentions'}"
        path = endpoint.replace(":id", user_id)
        start, end = (f"{m.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for m in (since, until))
        params: dict[str, Any] = {"max_results": PAGE_SIZE, "start_time": start, "end_time": end}
        found: dict[str, Mapping[str, Any]] = {}
        tokens: set[str] = set()
        while True:
            body = self.get(endpoint, path, params, with_names=True)
            if "data" not in body and "meta" not in body:
                about_user = (p for p in objects(body, "errors", path) if is_about(p, user_id))
                raise refusal(next(about_user, None), path)
            page = {str(post["id"]): post for post in objects(body, "data", path, "id")}
            meta = body.get("meta")
            token = meta.get("next_token") if isinstance(meta, dict) else None
            if token in tokens or (page and page.keys() <= found.keys()):
                raise ServerError(f"GET {path}: the same page came again.", "repeated_page")
            found |= page
            if not token:
                return found
            tokens.add(token)
            params = {**params, "pagination_token": token}

    def get(
        self,
        endpoint: str,
        path: str,
        params: Mapping[str, Any],
        with_names: bool = False,
        purpose: Purpose | None = None,
        *,
        fields: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """One JSON object; a budget known to be spent raises Throttled without a request.

        with_names: all that the project reads of a post; fields: only these, which are called the
        same in both generations. headers: an owner's token, whose budget is another `endpoint`.
        """
        names = self._names if with_names else {}
        if fields:
            names = {"tweet.fields" if self._names is OLD_NAMES else "post.fields": fields}
        until = self.spent.get(endpoint)
        if until and until > datetime.now(UTC):
            raise Throttled(f"GET {path}: the budget is spent until {until:%H:%M:%S} UTC.", until)
        try:
            response = self._client.get_response(
                path,
                {**params, **names},
                headers=headers,
                purpose=purpose,
                page=("max_results", LEAST_PAGE) if "max_results" in params else None,
            )
        except BadRequest as error:
            if error.reason != "unknown_names" or self._names is OLD_NAMES or not names:
                raise
            log.warning("x: the server does not know the names of August 2026; asking with the old")
            self._names = OLD_NAMES
            return self.get(
                endpoint, path, params, with_names, purpose, fields=fields, headers=headers
            )
        except Throttled as error:
            if error.reason == "usage_capped":
                log.error("x: the paid usage is spent. Add credits or raise the cap: %s", error)
            raise
        if response.headers.get("x-rate-limit-remaining", "").strip() == "0":
            if filled := reset(response):
                self.spent[endpoint] = filled
        else:
            self.spent.pop(endpoint, None)
        body = response.json()
        if not isinstance(body, dict):
            raise ServerError(f"GET {path}: the answer is no JSON object.", "malformed_answer")
        return body
