"""Reading Bluesky's answers: what a status means, what a feed entry or a thread's node says.

Pure functions over the AppView's JSON (`feedViewPost`, `threadViewPost`); the calls are in
bluesky.py.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from klankbord.platforms.events import Item
from klankbord.verdicts import Kind, Verdict, parse_reset

GET_AUTHOR_FEED = "/xrpc/app.bsky.feed.getAuthorFeed"
REPOST = "app.bsky.feed.defs#reasonRepost"


def classify(response: httpx.Response) -> Verdict:
    """Match on the word in `error`; its message differs by version and may name a person."""
    if response.is_success:
        return Verdict(Kind.OK)
    status, error = response.status_code, _error_word(response)
    detail = f"({error})" if error else ""
    if status == 429 or error == "RateLimitExceeded":
        headers = response.headers
        reset = parse_reset(headers.get("ratelimit-reset") or headers.get("retry-after"))
        return Verdict(Kind.THROTTLED, "throttled", detail, reset)
    if status == 501:
        return Verdict(Kind.BAD_REQUEST, "method_not_implemented", detail)
    if status >= 500 or status == 408:
        return Verdict(Kind.RETRY, None, detail)
    if error in ("ExpiredToken", "InvalidToken"):
        return Verdict(Kind.REFUSED, "token_expired", detail)
    if error in ("AccountTakedown", "AccountDeactivated", "AccountSuspended", "NotFound"):
        return Verdict(Kind.GONE, None, detail)
    # A missing, deactivated or taken-down actor is "InvalidRequest", and so is a faulty parameter;
    # on the first page of a feed the actor is the only parameter that can be at fault.
    url = response.request.url
    if (
        error == "InvalidRequest"
        and url.path.endswith(GET_AUTHOR_FEED)
        and "cursor" not in url.params
    ):
        return Verdict(Kind.GONE, None, detail)
    if status in (401, 403) or error in ("BlockedActor", "BlockedByActor"):
        return Verdict(Kind.REFUSED, None, detail)
    return Verdict(Kind.BAD_REQUEST, None, detail)


def _error_word(response: httpx.Response) -> str:
    try:
        word = response.json().get("error", "")
    except (ValueError, AttributeError):
        return ""
    return word if isinstance(word, str) and word.isalnum() else ""


def is_repost(entry: Mapping[str, Any]) -> bool:
    """Whether a feed entry repeats a post instead of being one."""
    return (entry.get("reason") or {}).get("$type") == REPOST


def item_id(entry: Mapping[str, Any]) -> str:
    """The post's URI; a repost of an own post must not take the place of the post."""
    return f"repost:{entry['post']['uri']}" if is_repost(entry) else entry["post"]["uri"]


def sorted_at(entry: Mapping[str, Any]) -> datetime:
    """What feeds are sorted by: the claimed moment, unless it lies after the arrival."""
    if is_repost(entry):
        return datetime.fromisoformat(entry["reason"]["indexedAt"])
    moments = (entry["post"]["record"]["createdAt"], entry["post"]["indexedAt"])
    return min(map(datetime.fromisoformat, moments))


def starts_thread(entry: Mapping[str, Any]) -> bool:
    """Whether the entry is an original: a post under which others may say something."""
    return not is_repost(entry) and "reply" not in entry["post"]["record"]


def own_item(account_id: str, did: str, entry: Mapping[str, Any]) -> Item:
    """Text is for originals: all other texts address a citizen or are theirs."""
    reposted, record = is_repost(entry), entry["post"]["record"]
    created_at = entry["reason"]["indexedAt"] if reposted else record["createdAt"]
    return Item(
        account_id,
        "posts",
        item_id(entry),
        entry,
        did,
        True,
        text=None if reposted else record.get("text"),
        is_reply=reposted or "reply" in record,
        created_at=datetime.fromisoformat(created_at),
        answers=entry["post"].get("replyCount"),
    )


def message(account_id: str, did: str, node: Mapping[str, Any], thread_id: str) -> Item:
    """A citizen's post in the thread of the own post `thread_id` of the account `did`."""
    post = node["post"]
    return Item(
        account_id,
        "messages",
        post["uri"],
        node,
        post["author"]["did"],
        False,
        post["record"].get("text"),
        own_id=did,
        created_at=datetime.fromisoformat(post["record"]["createdAt"]),
        thread_id=thread_id,
    )
