"""The line that citizens' names and texts never pass (contract 9).

What is stored of an item is an allow-list of fields (`FieldRules`), so a field that a platform adds
tomorrow is dropped until somebody decides otherwise. Authors become keyed pseudonyms; what the
metrics need of a text is computed here and the text is left behind.
"""

import hashlib
import hmac
import html
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from klankbord.platforms.base import FieldRules, Item

RULES_VERSION = "q1"
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w.])@[\w.-]+(?:@[\w.-]+)?")
_HASHTAG = re.compile(r"(?<!\w)#(\w+)")
_WORD = re.compile(r"[^\W\d_]{2,}")
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"<(?:br|/?p|/?div)\b[^>]*>", re.IGNORECASE)
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]+")
HASHTAGS_KEPT = 20


def pseudonym(key: str, platform: str, person_id: str) -> str:
    """32 hex digits for a person on a platform: HMAC-SHA256 under the key, cut to 128 bits.

    With another key the same person is somebody else; without the key nobody can be tried.
    """
    message = f"{platform}:{person_id}".encode()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()[:32]


def is_question(text: str) -> bool:
    """Rule set q1: beside links, mentions and tags there is a word and a question mark."""
    bare = _HASHTAG.sub(" ", _MENTION.sub(" ", _URL.sub(" ", text)))
    return bool(("?" in bare or "？" in bare or "؟" in bare) and _WORD.search(bare))


def hashtags(text: str) -> list[str]:
    """The tags of a text, lower case, in order, without the text around them."""
    found = dict.fromkeys(tag.lower() for tag in _HASHTAG.findall(_URL.sub(" ", text)))
    return list(found)[:HASHTAGS_KEPT]


def blank_mentions(text: str) -> str:
    """Own text without the people it addresses: every @mention becomes @_."""
    # Mastodon writes @<span>name</span>: inner tags vanish, only breaks become a space
    plain = html.unescape(_TAG.sub("", _BREAK.sub(" ", text)))
    return _MENTION.sub("@_", plain)


def minimise(item: Item, rules: FieldRules, platform: str, key: str) -> tuple[str, dict[str, Any]]:
    """(item_id, payload) of an item as they may be stored.

    Own items keep `rules.own`, others `rules.citizen`; the rest never existed. Own text is kept for
    what is not a reply, with mentions blanked. Foreign person ids become pseudonyms.
    """
    own_id = item.author_id if item.is_own else item.own_id

    def name(person_id: str) -> str:
        return person_id if person_id == own_id else pseudonym(key, platform, person_id)

    def value_of(path: str, value: Any) -> Any:
        if value is None or isinstance(value, (bool, list)):
            return value
        if path in rules.person_ids:
            return name(str(value))
        if path in rules.person_uris:
            return _DID.sub(lambda match: name(match.group()), str(value))
        if path in rules.text:
            return blank_mentions(str(value))
        return value

    allowed = rules.own if item.is_own else rules.citizen
    if item.is_reply or not item.is_own:
        allowed = allowed - rules.text
    payload = _pick(item.payload, allowed, value_of)
    payload["klankbord"] = _facts(item, name)
    item_id = item.item_id
    if rules.person_uris:
        item_id = _DID.sub(lambda match: name(match.group()), item_id)
    return item_id, payload


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


def _pick(
    source: Mapping[str, Any], paths: Iterable[str], value_of: Callable[[str, Any], Any]
) -> dict[str, Any]:
    """The parts of `source` that the paths name (`a`, `a.b`, `a[].b`), in their own shape."""
    tree: dict[str, Any] = {}
    for path in paths:
        node = tree
        for part in path.split("."):
            node = node.setdefault(part, {})
    return _walk(source, tree, "", value_of)


def _walk(
    source: Mapping[str, Any],
    tree: Mapping[str, Any],
    prefix: str,
    value_of: Callable[[str, Any], Any],
) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for part, below in tree.items():
        key = part.removesuffix("[]")
        if key not in source:
            continue
        value, path = source[key], f"{prefix}{part}"
        if not below:
            kept[key] = value_of(path, value)
        elif part.endswith("[]") and isinstance(value, list):
            kept[key] = [
                _walk(v, below, f"{path}.", value_of) for v in value if isinstance(v, Mapping)
            ]
        elif isinstance(value, Mapping):
            kept[key] = _walk(value, below, f"{path}.", value_of)
    return kept
