"""What we ask of Graph, and how it answers: its errors, its cursors, its posts as items."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec

from klankbord.platforms.base import Window
from klankbord.platforms.events import Event, Item
from klankbord.platforms.refusals import BAD_METRIC, blame
from klankbord.verdicts import Kind, Verdict, parse_reset

#: Codes of Meta's error reference. Throttling comes as HTTP 400 with one of these.
THROTTLE = frozenset({4, 17, 32, 613, *range(80000, 80007), 80008})
#: Rows a call; Graph gives at most 100 of an edge. Few posts have more than 25 comments.
POSTS, NESTED_COMMENTS, COMMENTS = 100, 25, 100
TOO_MUCH = "too_much_data"
#: What a continuation may carry over from `paging`; `next` itself embeds the token.
PAGING = ("after", "until", "since", "__paging_token")

#: `username` is absent of a page that never chose one
PROFILE_FIELDS = "id,username,followers_count,fan_count"
COMMENT_FIELDS = "id,from{id},parent{id},created_time,message"
#: Whether whoever asks likes a comment: the page only where its own token asks. With any other
#: token it would be somebody else's like, or nobody's, so it is not asked for then.
OWN_LIKE = "user_likes"
POST_FIELDS = (
    "id,created_time,status_type,parent_id,message,shares,reactions.limit(0).summary(true),"
    "comments.filter(toplevel).limit(0).summary(true)"
)

PROFILE_KEPT = frozenset(PROFILE_FIELDS.split(","))
POST_KEPT = frozenset({"id", "created_time", "status_type", "parent_id", "shares.count"}) | {
    f"{edge}.summary.total_count" for edge in ("reactions", "comments")
}
#: `post_id` is ours: a comment does not say under which post it was found.
COMMENT_KEPT = frozenset({"id", "post_id", "parent.id", "created_time", OWN_LIKE})


def comment_fields(by_page: bool) -> str:
    """The fields of a comment; by_page: whether the page's own token asks."""
    return f"{COMMENT_FIELDS},{OWN_LIKE}" if by_page else COMMENT_FIELDS


def post_fields(comments: int | None, by_page: bool = False) -> str:
    """The fields of a post, with up to `comments` of its comments nested; None: with none."""
    if comments is None:
        return POST_FIELDS
    return (
        f"{POST_FIELDS},comments.filter(stream).order(chronological).limit({comments})"
        f".as(conversation){{{comment_fields(by_page)}}}"
    )


def page_fields(
    since: int, until: int, posts: int, comments: int | None, by_page: bool = False
) -> str:
    """The fields of a page with its posts of [since, until) (epoch seconds) nested."""
    return (
        f"{PROFILE_FIELDS},published_posts.since({since}).until({until})"
        f".limit({posts}){{{post_fields(comments, by_page)}}}"
    )


def classify(response: httpx.Response) -> Verdict:
    """Graph's code counts, not its HTTP status: throttling is a 400, a dead parameter a 500."""
    if response.is_success:
        return Verdict(Kind.OK)
    error = graph_error(response)
    code = error.get("code")
    # A message of Graph may name the page or the app, never a person; only its code is passed on.
    detail = f"(Graph #{code}/{error.get('error_subcode', '-')})"
    if "reduce the amount of data" in str(error.get("message", "")):
        return Verdict(Kind.BAD_REQUEST, TOO_MUCH, detail)
    if code in THROTTLE or response.status_code == 429:
        return Verdict(Kind.THROTTLED, "throttled", detail, _regained_at(response))
    if code in (102, 190):
        return Verdict(Kind.REFUSED, "token_expired", detail)
    if isinstance(code, int) and (code == 10 or 200 <= code <= 299):
        return Verdict(Kind.REFUSED, "permission", detail)
    if code == 803 or (code == 100 and error.get("error_subcode") == 33):
        return Verdict(Kind.GONE, "account_not_found", detail)
    if code == 21:
        return Verdict(Kind.GONE, "page_migrated", detail)
    if code in (1, 2) or error.get("is_transient"):
        return Verdict(Kind.RETRY, "server_error", detail)
    if code is None and response.is_server_error:
        return Verdict(Kind.RETRY, "server_error")
    if code == 100 and "metric" in str(error.get("message", "")):
        blamed = blame(str(error["message"]))
        return Verdict(Kind.BAD_REQUEST, BAD_METRIC, f"{detail} {blamed}".strip())
    return Verdict(Kind.BAD_REQUEST, "bad_request", detail)


def graph_error(response: httpx.Response) -> Mapping[str, Any]:
    """What stands under "error"; empty where nothing does."""
    try:
        body = response.json()
    except ValueError:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _regained_at(response: httpx.Response) -> datetime | None:
    """When the quota is back, by X-Business-Use-Case-Usage (minutes); None: Graph does not say."""
    try:
        usage = json.loads(response.headers.get("x-business-use-case-usage", "{}"))
        minutes = max(
            int(row["estimated_time_to_regain_access"]) for rows in usage.values() for row in rows
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return parse_reset(str(minutes * 60)) if minutes > 0 else None


def continuation(paging: Mapping[str, Any]) -> dict[str, str]:
    """The parameters that ask for the following page; empty at the end.

    Graph says that there is more by `next`, whose URL holds the token: only the cursor is taken.
    """
    if "next" not in paging:
        return {}
    after = paging.get("cursors", {}).get("after")
    if after:
        return {"after": str(after)}
    query = parse_qs(urlsplit(str(paging["next"])).query)
    return {name: query[name][0] for name in PAGING if name in query}


def created_at(row: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(row["created_time"])


def within(row: Mapping[str, Any], window: Window) -> bool:
    """Created in the window. Graph's own since and until may follow a post's last update."""
    return window.since <= created_at(row) < window.until


def answers(post: Mapping[str, Any]) -> int | None:
    """The comments on a post itself, as Graph counts them; None where it does not say."""
    return post.get("comments", {}).get("summary", {}).get("total_count")


def own_post(account_id: str, page_id: str, post: Mapping[str, Any]) -> Item:
    return Item(
        account_id,
        "posts",
        post["id"],
        post,
        page_id,
        True,
        post.get("message", ""),
        created_at=created_at(post),
        answers=answers(post),
    )


def without_like(event: Event) -> Event:
    """The event without `user_likes`, which was somebody else's than the page's."""
    if not isinstance(event, Item) or OWN_LIKE not in event.payload:
        return event
    payload = {key: value for key, value in event.payload.items() if key != OWN_LIKE}
    return msgspec.structs.replace(event, payload=payload)
