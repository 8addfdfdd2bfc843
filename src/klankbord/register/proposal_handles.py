"""Addresses and names of accounts as others write them -> platform and handle of the register."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

#: host (without www. and m.) -> platform
_HOSTS = {
    "facebook.com": "facebook",
    "fb.com": "facebook",
    "fb.me": "facebook",
    "instagram.com": "instagram",
    "twitter.com": "x",
    "x.com": "x",
    "youtube.com": "youtube",
    "linkedin.com": "linkedin",
    "tiktok.com": "tiktok",
    "threads.net": "threads",
    "threads.com": "threads",
    "bsky.app": "bluesky",
    "snapchat.com": "snapchat",
    "whatsapp.com": "whatsapp_channel",
}
_MOBILE = ("www.", "m.", "mobile.", "nl.", "nl-nl.", "be.", "fr-fr.", "fr-be.")
#: paths that lead to something else than an account
_NO_ACCOUNT = {
    "facebook": {"groups", "events", "sharer", "sharer.php", "hashtag", "watch", "share", "login"},
    "x": {"intent", "hashtag", "search", "i", "share", "home", "login"},
    "instagram": {"p", "explore", "reel", "reels", "accounts", "stories"},
    "youtube": {"watch", "playlist", "results", "feed", "shorts", "embed", "live"},
    "threads": set(),
    "tiktok": {"tag", "discover", "search"},
}


def account_of(address: str) -> tuple[str, str] | None:
    """(platform, handle) of a web address, or None when it is no account's or says no handle."""
    try:
        parts = urlsplit(address if "//" in address else f"https://{address}")
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host.isascii():
        return None
    steps = [unquote(step).strip() for step in parts.path.split("/") if step.strip()]
    platform = _HOSTS.get(_bare(host))
    if platform is None:
        return _fediverse(host, steps)
    if not steps or steps[0].lower() in _NO_ACCOUNT.get(platform, set()):
        return None
    handle = _handle(platform, steps, parse_qs(parts.query))
    return (platform, handle) if handle else None


def handle_of(platform: str, name: str) -> str | None:
    """The handle in a name that somebody wrote for a platform: an address, @name, or the name."""
    name = name.strip()
    if "/" in name:
        # Wikidata keeps what follows facebook.com/ of old pages: pages/Brugge/123456
        is_path = platform == "facebook" and "." not in name.partition("/")[0] and ":" not in name
        found = account_of(f"facebook.com/{name}" if is_path else name)
        return found[1] if found and found[0] == platform else None
    bare = name.removeprefix("@")
    if platform == "facebook":
        return _facebook([bare], {})
    return bare or None


def _bare(host: str) -> str:
    for prefix in _MOBILE:
        if host.startswith(prefix) and host.count(".") > 1:
            return host.removeprefix(prefix)
    return host


def _fediverse(host: str, steps: list[str]) -> tuple[str, str] | None:
    """https://server/@name is how Mastodon writes an account; other servers' pages are not."""
    if len(steps) == 1 and re.fullmatch(r"@[A-Za-z0-9_.-]+", steps[0]) and "." in host:
        return "mastodon", f"{steps[0][1:]}@{host}"
    return None


def _handle(platform: str, steps: list[str], query: dict[str, list[str]]) -> str | None:
    first, second = steps[0], steps[1] if len(steps) > 1 else ""
    if platform == "facebook":
        return _facebook(steps, query)
    if platform == "youtube":
        # /user/ and /c/ are old addresses whose name need not be the handle: a person looks
        is_channel = first == "channel" and second
        return second if is_channel else first[1:] if first.startswith("@") else None
    if platform == "linkedin":
        # a member's page (/in/) is a person's, never a body's
        return second or None if first in ("company", "school", "showcase") else None
    if platform == "bluesky":
        return second or None if first == "profile" else None
    if platform == "snapchat":
        return second or None if first == "add" else first.removeprefix("@")
    if platform == "whatsapp_channel":
        return second or None if first == "channel" else None
    return first.removeprefix("@") or None


def _facebook(steps: list[str], query: dict[str, list[str]]) -> str | None:
    """Old pages carry their number at the end of their name; the number is what is read."""
    if steps[0] == "profile.php":
        return query.get("id", [None])[0]
    named = re.fullmatch(r".*-(\d{6,})", steps[-1] if steps[0] in ("p", "people") else steps[0])
    if named:
        return named[1]
    if steps[0] in ("pages", "p", "people", "pg"):
        number = re.fullmatch(r"\d{6,}", steps[-1])
        return number[0] if number else steps[1] if steps[0] == "pg" and len(steps) > 1 else None
    return steps[0] or None
