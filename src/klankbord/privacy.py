"""The line that citizens' names and texts never pass (contract 9).

What is stored of an item is an allow-list of fields (`FieldRules`), so a field that a platform adds
tomorrow is dropped until somebody decides otherwise. Authors become keyed pseudonyms; what the
metrics need of a text is computed here and the text is left behind.
"""

import html
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from klankbord.picking import Plan, pick, plan_of
from klankbord.platforms.base import FieldRules, Item
from klankbord.privacy_keys import NOBODY, Keyring

RULES_VERSION = "q1"
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w.])@[\w.-]+(?:@[\w.-]+)?")
_HASHTAG = re.compile(r"(?<!\w)#(\w+)")
_WORD = re.compile(r"[^\W\d_]{2,}")
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"<(?:br|/?p|/?div)\b[^>]*>", re.IGNORECASE)
_MARKUP = re.compile(r"[@<&]")
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]+")
HASHTAGS_KEPT = 20


def pseudonym(key: str | Keyring, platform: str, person_id: str) -> str:
    """32 hex digits for a person on a platform: HMAC-SHA256 under the key, cut to 128 bits.

    With another key the same person is somebody else; without the key nobody can be tried.
    """
    return _keyring(key).pseudonym(platform, person_id)


def _keyring(key: str | Keyring) -> Keyring:
    return key if isinstance(key, Keyring) else Keyring((key,))


def is_unwanted(item: Item, platform: str, key: str | Keyring) -> bool:
    """Whether a citizen's item must not be stored at all: its author was erased, or it is older
    than authors are kept (retention has stripped it, or would at once)."""
    keyring = _keyring(key)
    if item.is_own:
        return False
    created_at = getattr(item, "created_at", None)
    if keyring.authors_since and created_at and created_at < keyring.authors_since:
        return True
    return item.author_id is not None and keyring.is_erased(platform, str(item.author_id))


def is_question(text: str) -> bool:
    """Rule set q1: beside links, mentions and tags there is a word and a question mark."""
    if "?" not in text and "？" not in text and "؟" not in text:
        return False
    bare = _HASHTAG.sub(" ", _MENTION.sub(" ", _URL.sub(" ", text)))
    return bool(("?" in bare or "？" in bare or "؟" in bare) and _WORD.search(bare))


def hashtags(text: str) -> list[str]:
    """The tags of a text, lower case, in order, without the text around them."""
    if "#" not in text:
        return []
    found = dict.fromkeys(tag.lower() for tag in _HASHTAG.findall(_URL.sub(" ", text)))
    return list(found)[:HASHTAGS_KEPT]


def blank_mentions(text: str) -> str:
    """Own text without the people it addresses: every @mention becomes @_."""
    if not _MARKUP.search(text):
        return text
    # Mastodon writes @<span>name</span>: inner tags vanish, only breaks become a space
    plain = html.unescape(_TAG.sub("", _BREAK.sub(" ", text)))
    return _MENTION.sub("@_", plain)


def minimise(
    item: Item, rules: FieldRules, platform: str, key: str | Keyring
) -> tuple[str, dict[str, Any]]:
    """(item_id, payload) of an item as they may be stored.

    Own items keep `rules.own`, others `rules.citizen`; the rest never existed. Own text is kept for
    what is not a reply, with mentions blanked. Foreign person ids become pseudonyms; of somebody
    who was erased, and of their messages, not even that: `NOBODY`.
    """
    own_id = item.author_id if item.is_own else item.own_id
    keyring = _keyring(key)

    def name(person_id: str) -> str:
        if person_id == own_id:
            return person_id
        is_erased = keyring.is_erased(platform, person_id)
        return NOBODY if is_erased else keyring.pseudonym(platform, person_id)

    def names_erased(uri: str) -> bool:
        return bool(keyring.erased) and any(name(did) == NOBODY for did in _DID.findall(uri))

    def value_of(path: str, value: Any) -> Any:
        if value is None or isinstance(value, (bool, list)):
            return value
        if path in rules.person_ids:
            return name(str(value))
        if path in rules.person_uris:
            if names_erased(str(value)):
                return NOBODY
            return _DID.sub(lambda match: name(match.group()), str(value))
        if path in rules.text:
            return blank_mentions(str(value))
        if isinstance(value, str) and keyring.is_erased(platform, value):
            return NOBODY
        return value

    plan = _plan_of(rules, item.is_own, item.is_reply, bool(keyring.erased))
    payload = pick(item.payload, plan, value_of)
    payload["klankbord"] = _facts(item, name)
    item_id = item.item_id
    if rules.person_uris:
        if names_erased(item_id):  # an own repost of theirs: one row still, and the same one again
            return unnamed(keyring, platform, item_id), payload
        item_id = _DID.sub(lambda match: name(match.group()), item_id)
    return item_id, payload


def unnamed(keyring: Keyring, platform: str, item_id: str) -> str:
    """The id of an own item whose platform id names somebody who was erased."""
    return f"{NOBODY}:{keyring.digest(platform, item_id)[:16]}"


@lru_cache(maxsize=256)
def _plan_of(rules: FieldRules, is_own: bool, is_reply: bool, any_erased: bool) -> Plan:
    """What is kept of an item. Once somebody was erased, every value is looked at."""
    allowed = rules.own if is_own else rules.citizen
    if is_reply or not is_own:
        allowed = allowed - rules.text
    judged = rules.person_ids | rules.person_uris | rules.text
    return plan_of(allowed, allowed if any_erased else judged)


def _facts(item: Item, name: Callable[[str], str]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "author": "own" if item.is_own else name(str(item.author_id)) if item.author_id else None,
        "is_own": item.is_own,
    }
    if item.text is not None:
        facts["text_length"] = len(item.text)
        facts["is_question"] = is_question(item.text)
        facts["hashtags"] = hashtags(item.text)
        facts["rules_version"] = RULES_VERSION
    return facts
