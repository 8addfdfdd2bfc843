"""What is stored of a feed: its items, the state to ask with next time, how far it reaches."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import httpx

from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Item
from klankbord.platforms.website_answers import Entry, Feed
from klankbord.settings import LOCAL_ZONE

#: a server that says "not modified" is believed for so long, then read again
BELIEVED = timedelta(days=7)
LONGEST_VALIDATOR = 300


def believed(account: Account, window: Window) -> Mapping[str, Any]:
    """What the last reading left to ask with, if "not modified" would tell all of this window: it
    was read whole a short while ago, what it held was landed, and this is a scan of today."""
    last, until = account.ledger.profile, account.ledger.posts_known_until
    if not last or not until or window.is_backfill or not last.get("read_at"):
        return {}
    read_at = _moment(last["read_at"])
    if read_at is None or read_at > until or read_at < window.until - BELIEVED:
        return {}
    return last if last.get("etag") or last.get("last_modified") else {}


def unchanged(account: Account, known: Mapping[str, Any], window: Window) -> dict[str, Any]:
    """What "not modified" says of the posts: as far back and as many as the feed showed before."""
    edge = _moment(known["complete_since"])
    first = max(edge, window.since) if edge else window.since
    posts = account.ledger.posts.values()
    return {
        "observed_since": observed_since(edge, window),
        "row_count": sum(first <= post.created_at < window.until for post in posts),
    }


def state(feed: Feed, response: httpx.Response, window: Window, is_read: bool) -> dict[str, Any]:
    """The profile of a feed that was read. Without validators where the next scan must read it
    whole: its posts were not wanted now, or an item waits for its date."""
    waits = any(entry.published and entry.published >= window.until for entry in feed.entries)
    named = {"etag": "etag", "last_modified": "last-modified"}
    validators = {key: response.headers.get(header, "") for key, header in named.items()}
    edge = feed.complete_since
    return {
        "version": feed.version,
        "items": len(feed.entries),
        "complete_since": edge.isoformat() if edge else None,
        "read_at": window.until.isoformat(),
        **{
            key: value
            for key, value in validators.items()
            if is_read and not waits and 0 < len(value) <= LONGEST_VALIDATOR
        },
    }


def profile(account: Account, payload: Mapping[str, Any]) -> Item:
    return Item(account.account_id, "profiles", "feed", payload, account.account_id, is_own=True)


def posts(account: Account, entries: Sequence[Entry], window: Window) -> Iterator[Item]:
    """The window's items, each under the id and the date with which it was first seen."""
    by_half = {half: name for name in account.ledger.posts for half in _halves(name)}
    taken: set[str] = set()
    for entry in entries:
        names = (by_half.get(half) for half in _halves(entry.post_id))
        post_id = next((name for name in names if name and name not in taken), entry.post_id)
        taken.add(post_id)
        last = account.ledger.posts.get(post_id)
        created_at = last.created_at if last else entry.published
        if created_at and window.since <= created_at < window.until:
            payload = {"id": post_id, "created_at": created_at.isoformat()}
            yield Item(
                account.account_id,
                "posts",
                post_id,
                payload,
                account.account_id,
                is_own=True,
                text=entry.title,
                created_at=created_at,
            )


def _halves(post_id: str) -> Iterator[str]:
    """What a post is known by: its guid, told apart from its link."""
    guid, _, link = post_id.partition(".")
    if guid != "-":
        yield f"{guid}."
    if link != "-":
        yield f".{link}"


def observed_since(edge: datetime | None, window: Window) -> datetime:
    """The beginning of the first day of which nothing can be missing; today's at the latest."""
    today = datetime.combine(window.scan_on, time.min, LOCAL_ZONE)
    if edge is None:
        return today
    if edge < window.since:
        return window.since
    next_day = edge.astimezone(LOCAL_ZONE).date() + timedelta(days=1)
    return min(datetime.combine(next_day, time.min, LOCAL_ZONE), today)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
