"""Which social network a referrer's name or address means: ours by our names, the rest `other`."""

import re
from collections.abc import Mapping

OTHER = "other"
#: what analytics call a network (plain), and the addresses that links to it come from
_NAMES: Mapping[str, tuple[str, ...]] = {
    "facebook": ("facebook", "meta", "fb"),
    "instagram": ("instagram", "ig"),
    "x": ("x", "twitter", "x twitter", "twitter x", "x formerly twitter"),
    "linkedin": ("linkedin",),
    "youtube": ("youtube",),
    "tiktok": ("tiktok", "tik tok"),
    "threads": ("threads", "instagram threads"),
    "mastodon": ("mastodon", "fediverse"),
    "bluesky": ("bluesky", "bsky"),
    "whatsapp": ("whatsapp", "wa"),
    "nextdoor": ("nextdoor",),
    "snapchat": ("snapchat",),
}
_DOMAINS: Mapping[str, tuple[str, ...]] = {
    "facebook": ("facebook.com", "fb.me", "fb.com", "messenger.com"),
    "instagram": ("instagram.com",),
    "x": ("twitter.com", "x.com", "t.co"),
    "linkedin": ("linkedin.com", "lnkd.in"),
    "youtube": ("youtube.com", "youtu.be"),
    "tiktok": ("tiktok.com",),
    "threads": ("threads.net", "threads.com"),
    "mastodon": ("mastodon.social", "mastodon.nl", "social.overheid.nl", "joinmastodon.org"),
    "bluesky": ("bsky.app", "bsky.social"),
    "whatsapp": ("whatsapp.com", "wa.me"),
    "nextdoor": ("nextdoor.com", "nextdoor.nl", "nextdoor.be"),
    "snapchat": ("snapchat.com",),
}
_BY_NAME = {name: network for network, names in _NAMES.items() for name in names}
_BY_DOMAIN = {domain: network for network, domains in _DOMAINS.items() for domain in domains}
NETWORKS = (*_NAMES, OTHER)
#: for a report of all referring websites: those of the networks and no others
PATTERN = r"(^|\.)(" + "|".join(re.escape(domain) for domain in _BY_DOMAIN) + ")"


def by_domain(label: str) -> str | None:
    """The network whose address a referrer's is (l.facebook.com); None for any other website.
    An app names itself by its address backwards (com.facebook.katana)."""
    host = label.strip().lower().removeprefix("android-app://").partition("/")[0].partition(":")[0]
    parts = host.split(".")
    for place in range(len(parts) - 1):
        if found := _BY_DOMAIN.get(".".join(parts[place:])):
            return found
    return _BY_DOMAIN.get(".".join(reversed(parts[:2]))) if len(parts) > 2 else None


def network_of(label: str) -> str:
    """The network that a name or an address of a list of social networks means."""
    plain = re.sub(r"[^a-z0-9.]+", " ", label.lower()).strip()
    return _BY_NAME.get(plain) or by_domain(label) or OTHER
