"""What a handle looks like on each platform: a slip of the pen is found before it is asked for."""

import re

from klankbord.register.cells import shown

_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = rf"(?=.{{1,253}}$)({_LABEL}\.)+(?=[A-Za-z]){_LABEL}"
#: without the length test, which would look past the domain
_DOMAIN_ANYWHERE = rf"({_LABEL}\.)+(?=[A-Za-z]){_LABEL}"
#: platform -> (form of a handle, the form in words).
_HANDLES: dict[str, tuple[str, str]] = {
    "facebook": (
        r"[0-9]+|[A-Za-z0-9.]{5,50}",
        "the page's name of 5 or more letters, digits and dots, or its numeric id",
    ),
    "x": (r"[A-Za-z0-9_]{1,15}", "1 to 15 letters, digits and underscores, without @"),
    "mastodon": (
        rf"[A-Za-z0-9_]+([.-]+[A-Za-z0-9_]+)*@{_DOMAIN}",
        "name@server, without a first @",
    ),
    "bluesky": (rf"{_DOMAIN}|did:(plc|web):[A-Za-z0-9._:%-]+", "a domain name or a did:"),
    "instagram": (r"[A-Za-z0-9._]{1,30}", "1 to 30 letters, digits, dots and underscores"),
    "threads": (r"[A-Za-z0-9._]{1,30}", "1 to 30 letters, digits, dots and underscores"),
    "tiktok": (r"[A-Za-z0-9._]{2,24}", "2 to 24 letters, digits, dots and underscores"),
    "youtube": (
        r"UC[A-Za-z0-9_-]{22}|[^\s@/]{3,30}",
        "the channel's id (UC and 22 signs) or its handle without @",
    ),
    "linkedin": (r"[0-9]+|[^\s/]{2,100}", "the page's name in its address, or its numeric id"),
    "website": (rf"https?://{_DOMAIN_ANYWHERE}(:[0-9]+)?(/\S*)?", "the address of its news feed"),
    "whatsapp_channel": (r"\S.{0,99}", "its name, or the code in its address"),
    "whatsapp_group": (r"\S.{0,99}", "the group's name"),
    "snapchat": (r"[A-Za-z][A-Za-z0-9._-]{1,14}", "2 to 15 signs, a letter first"),
    "nextdoor": (r"\S.{0,99}", "the page's name"),
    "hoplr": (r"\S.{0,99}", "the name of the service or neighbourhood"),
    "app": (r"\S.{0,99}", "the app's name"),
}


def impossible_handle(platform: str, handle: str) -> str | None:
    """What is wrong with a handle and how to write it, or None; also of a proposed account."""
    form, words = _HANDLES[platform]
    if re.fullmatch(form, handle):
        return None
    return f"handle {shown(handle)} is impossible on {platform}; write {words}"
