"""The objects of Mastodon 4.5 that the sandbox serves: Account, Status, Mention."""

import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from klankbord.sandbox.model import Counters, Message, Person

_HASHTAG = re.compile(r"(?<![\w&])#(\w+)")


def iso(moment: datetime) -> str:
    """2026-09-30T20:00:00.000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{moment.microsecond // 1000:03d}Z"
    )


def parts(handle: str) -> tuple[str, str]:
    """(name, server) of name@server."""
    name, _, server = handle.partition("@")
    return name, server or "sandbox.example"


def content(text: str, mentions: Sequence[Person]) -> str:
    """A text as Mastodon's HTML: paragraphs, breaks, mentions and tags as links."""
    body = html.escape(text, quote=False)
    body = _HASHTAG.sub(
        r'<a href="https://sandbox.example/tags/\1" class="mention hashtag" rel="tag">'
        r"#<span>\1</span></a>",
        body,
    )
    for person in mentions:
        name, server = parts(person.handle)
        anchor = (
            f'<span class="h-card" translate="no"><a href="https://{server}/@{name}" '
            f'class="u-url mention">@<span>{name}</span></a></span>'
        )
        body = body.replace(f"@{person.handle}", anchor)
    paragraphs = body.split("\n\n")
    return "".join(f"<p>{part.replace(chr(10), '<br />')}</p>" for part in paragraphs)


def account(
    user_id: int,
    acct: str,
    handle: str,
    name: str,
    avatar: str,
    followers: int,
    last_status: datetime | None = None,
    statuses: int = 0,
) -> dict[str, Any]:
    """An Account. `acct`: the bare name on its own server, the whole handle elsewhere."""
    username, server = parts(handle)
    url = f"https://{server}/@{username}"
    return {
        "id": str(user_id),
        "username": username,
        "acct": acct,
        "display_name": name,
        "locked": False,
        "bot": False,
        "discoverable": True,
        "indexable": False,
        "group": False,
        "created_at": "2022-11-07T00:00:00.000Z",
        "note": f"<p>{html.escape(name)}</p>",
        "url": url,
        "uri": f"https://{server}/users/{username}",
        "avatar": avatar,
        "avatar_static": avatar,
        "header": f"https://{server}/headers/original/missing.png",
        "header_static": f"https://{server}/headers/original/missing.png",
        "followers_count": followers,
        "following_count": 12,
        "statuses_count": statuses,
        "last_status_at": last_status.date().isoformat() if last_status else None,
        "hide_collections": None,
        "noindex": None,
        "emojis": [],
        "roles": [],
        "fields": [],
    }


def citizen(person: Person) -> dict[str, Any]:
    """A person as Account, with all that must never be stored."""
    return account(person.user_id, person.handle, person.handle, person.name, person.avatar_url, 40)


def status(
    status_id: int,
    message: Message,
    author: dict[str, Any],
    text: str,
    counters: Counters,
    replies: int,
) -> dict[str, Any]:
    """A Status that starts a thread. Mastodon has no views, so they are left out."""
    url = f"{author['url']}/{status_id}"
    return {
        "id": str(status_id),
        "created_at": iso(message.created_at),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "nl",
        "uri": url,
        "url": url,
        "replies_count": replies,
        "reblogs_count": counters.shares,
        "favourites_count": counters.reactions,
        "quotes_count": counters.quotes,
        "edited_at": None,
        "content": text,
        "reblog": None,
        "quote": None,
        "quote_approval_policy": "public",
        "application": None,
        "account": author,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
        "filtered": [],
    }


def mention(person: Person) -> dict[str, str]:
    """A person whom a status addresses."""
    name, server = parts(person.handle)
    return {
        "id": str(person.user_id),
        "username": name,
        "acct": person.handle,
        "url": f"https://{server}/@{name}",
    }
