"""What we ask of Instagram over Graph, and how it answers: its errors, its lists, its items."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import httpx

from klankbord.platforms import facebook_answers
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Item
from klankbord.platforms.facebook_answers import continuation, graph_error
from klankbord.verdicts import Kind, RequestError, Verdict

#: Rows a call. Graph refuses what it foresees as too much work: rows times nested rows.
MEDIA, NESTED_COMMENTS, NESTED_REPLIES, COMMENTS = 50, 15, 5, 50
OTHERS_MEDIA = 100  # nothing is nested in them
#: A story that fewer than five saw, and media from before the account was a professional one, have
#: no insights: absent, and no failure.
NOT_ENOUGH_VIEWERS, BEFORE_BUSINESS = "not_enough_viewers", "before_business"
_BEFORE_BUSINESS = 2108006

PROFILE_FIELDS = "id,username,followers_count,media_count"
#: `user` is only given of the account's own comments, so the author needs no name.
COMMENT_FIELDS = "id,timestamp,text,parent_id,from{id},user{id}"
MEDIA_FIELDS = "id,timestamp,media_type,media_product_type,caption,like_count,comments_count"

PROFILE_KEPT = frozenset(PROFILE_FIELDS.split(","))
MEDIA_KEPT = frozenset(MEDIA_FIELDS.split(","))
#: `media_id` is ours: a comment does not say under which media it was found.
COMMENT_KEPT = frozenset({"id", "timestamp", "parent_id", "media_id"})


def comment_fields(replies: int) -> str:
    """The fields of a comment, with up to `replies` of the answers to it nested."""
    return f"{COMMENT_FIELDS},replies.limit({replies}){{{COMMENT_FIELDS}}}"


def media_fields(comments: int | None, replies: int) -> str:
    """The fields of own media, with up to `comments` of its comments nested; None: with none."""
    if comments is None:
        return MEDIA_FIELDS
    return f"{MEDIA_FIELDS},comments.limit({comments}){{{comment_fields(replies)}}}"


def discovery_fields(username: str, media: int | None, after: str | None = None) -> str:
    """The fields that bring somebody else's account, with up to `media` of its media."""
    inner = PROFILE_FIELDS
    if media is not None:
        cursor = f".after({after})" if after else ""
        inner += f",media{cursor}.limit({media}){{{MEDIA_FIELDS}}}"
    return f"business_discovery.username({username}){{{inner}}}"


def classify(response: httpx.Response) -> Verdict:
    """As Facebook's, with what only Instagram says."""
    error = {} if response.is_success else graph_error(response)
    code, message = error.get("code"), str(error.get("message", ""))
    detail = f"(Graph #{code}/{error.get('error_subcode', '-')})"
    if code == 10 and "Not enough viewers" in message:
        return Verdict(Kind.BAD_REQUEST, NOT_ENOUGH_VIEWERS, detail)
    if error.get("error_subcode") == _BEFORE_BUSINESS:
        return Verdict(Kind.BAD_REQUEST, BEFORE_BUSINESS, detail)
    if code == 110:  # of business_discovery: no such account, or a private person's
        return Verdict(Kind.GONE, "account_not_found", detail)
    return facebook_answers.classify(response)


def all_rows(
    first: Mapping[str, Any], path: str, more: Callable[[Mapping[str, str]], Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """All rows of an edge, each once, from its nested first page on; `more` asks for another.

    A short page is no end; an empty one is. A page that repeats what is known and promises more is
    a broken list: it is reported rather than taken for complete.
    """
    page, seen = first, set[str]()
    while True:
        rows = page.get("data", [])
        fresh = [row for row in rows if row["id"] not in seen]
        seen.update(row["id"] for row in fresh)
        yield from fresh
        cursor = continuation(page.get("paging", {}))
        if not rows or not cursor:
            return
        if not fresh:
            raise RequestError(f"GET {path}: Graph repeats a page.", "repeated_page")
        page = more(cursor)


def created_at(row: Mapping[str, Any]) -> datetime:
    """When a media or comment was made."""
    return datetime.fromisoformat(row["timestamp"])


def within(row: Mapping[str, Any], window: Window) -> bool:
    """Made in the window."""
    return window.since <= created_at(row) < window.until


def profile_item(account: Account, user: Mapping[str, Any]) -> Item:
    """An IG User; what is nested in it stays behind."""
    profile = {key: value for key, value in user.items() if key in PROFILE_KEPT}
    return Item(account.account_id, "profiles", user["id"], profile, user["id"], is_own=True)


def media_item(account: Account, user_id: str, media: Mapping[str, Any]) -> Item:
    """Own media. Its counter of comments counts the answers to them too."""
    payload = {key: value for key, value in media.items() if key in MEDIA_KEPT}
    return Item(
        account.account_id,
        "posts",
        media["id"],
        payload,
        user_id,
        is_own=True,
        text=media.get("caption", ""),
        created_at=created_at(media),
        answers=media.get("comments_count"),
    )


def comment_item(account: Account, user_id: str, media_id: str, comment: Mapping[str, Any]) -> Item:
    """A comment, or an answer to one, citizens' or own."""
    author = comment.get("from", {}).get("id")
    is_own = user_id in (author, comment.get("user", {}).get("id"))
    payload = {key: value for key, value in comment.items() if key in COMMENT_KEPT}
    return Item(
        account.account_id,
        "messages",
        comment["id"],
        {**payload, "media_id": media_id},
        user_id if is_own else author,
        is_own=is_own,
        text=comment.get("text", ""),
        is_reply=is_own and "parent_id" in comment,
        created_at=created_at(comment),
        thread_id=media_id,
    )
