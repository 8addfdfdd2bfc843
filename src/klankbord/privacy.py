"""The line that citizens' names and texts never pass (contract 9).

What is stored of an item is an allow-list of fields (`FieldRules`), so a field that a platform adds
tomorrow is dropped until somebody decides otherwise. Authors become keyed pseudonyms; what the
metrics need of a text is computed here and the text is left behind.
"""

import html
import re
from typing import Any

from klankbord.incidents import words
from klankbord.picking import Judge, pick, plan_of
from klankbord.platforms.base import FieldRules
from klankbord.platforms.events import Item
from klankbord.privacy_keys import NOBODY, Keyring
from klankbord.questions import CURRENT as RULES_VERSION
from klankbord.questions import is_question as is_question  # asked for here by its readers
from klankbord.questions import verdicts

_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w.])@[\w.-]+(?:@[\w.-]+)?")
_HASHTAG = re.compile(r"(?<!\w)#(\w+)")
_TAGGED = re.compile(r"#\S*")
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"<(?:br|/?p|/?div)\b[^>]*>", re.IGNORECASE)
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


def hashtags(text: str) -> list[str]:
    """The tags of a text, lower case, in order, without the text around them."""
    if "#" not in text:
        return []
    found: dict[str, None] = {}
    # a link ends where its word ends, so that only words with a # in them need a look
    for match in _TAGGED.finditer(text):
        word, start = match.group(), match.start()
        if start and not text[start - 1].isspace():
            word = text[:start].rsplit(None, 1)[-1] + word
        if word[1:].isalnum():
            found[word[1:].lower()] = None
            continue
        for tag in _HASHTAG.findall(_URL.sub(" ", word)):
            found[tag.lower()] = None
    return list(found)[:HASHTAGS_KEPT]


def blank_mentions(text: str) -> str:
    """Own text without the people it addresses: every @mention becomes @_."""
    if "@" not in text and "<" not in text and "&" not in text:
        return text
    # Mastodon writes @<span>name</span>: inner tags vanish, only breaks become a space
    plain = html.unescape(_TAG.sub("", _BREAK.sub(" ", text)))
    return _MENTION.sub("@_", plain)


def minimise(
    item: Item, rules: FieldRules, platform: str, key: str | Keyring
) -> tuple[str, dict[str, Any]]:
    """(item_id, payload) of an item as they may be stored: `Minimiser`, for a single one."""
    return Minimiser(rules, platform, key).minimise(item)


class Minimiser:
    """What may be stored of the items of a stream; its plans are made once.

    Own items keep `rules.own`, others `rules.citizen`; the rest never existed. Own text is kept for
    what is not a reply, with mentions blanked. Foreign person ids become pseudonyms; of somebody
    who was erased, and of their messages, not even that: `NOBODY`.
    """

    def __init__(self, rules: FieldRules, platform: str, key: str | Keyring) -> None:
        self._platform = platform
        self._keyring = _keyring(key)
        self._any_erased = bool(self._keyring.erased)
        self._has_uris = bool(rules.person_uris)
        kinds = [
            (rules.person_ids, self._person),
            (rules.person_uris, self._uri),
            (rules.text, self._own_text),
        ]
        judges: dict[str, Judge] = {}
        if self._any_erased:  # then every value is looked at
            judges = dict.fromkeys(rules.own | rules.citizen, self._value)
        for paths, judge in reversed(kinds):
            judges |= dict.fromkeys(paths, judge)
        self._own = plan_of(rules.own, judges)
        self._own_reply = plan_of(rules.own - rules.text, judges)
        self._citizen = plan_of(rules.citizen - rules.text, judges)

    def minimise(self, item: Item) -> tuple[str, dict[str, Any]]:
        """(item_id, payload) of an item as they may be stored."""
        if item.is_own:
            own_id = item.author_id
            payload = pick(item.payload, self._own_reply if item.is_reply else self._own, own_id)
            author: str | None = "own"
        else:
            own_id = item.own_id
            payload = pick(item.payload, self._citizen, own_id)
            author = self._name(str(item.author_id), own_id) if item.author_id else None
        text = item.text
        noted: dict[str, Any] = {"author": author, "is_own": item.is_own}
        payload["klankbord"] = noted
        if text is not None:
            noted["text_length"] = len(text)
            noted["hashtags"] = hashtags(text)
            if not item.is_own:  # what an organisation asks is nobody's figure
                noted["is_question"], asked_before = verdicts(text)
                noted["rules_version"] = RULES_VERSION
                if asked_before:
                    noted["questions"] = asked_before
            elif not item.is_reply and (found := words.mentions(text)):
                noted["incident"] = found
        item_id = item.item_id
        if self._has_uris:
            if self._names_erased(item_id, own_id):
                # an own repost of theirs: one row still, and the same one again
                return unnamed(self._keyring, self._platform, item_id), payload
            item_id = self._renamed(item_id, own_id)
        return item_id, payload

    def _name(self, person_id: str, own_id: str | None) -> str:
        if person_id == own_id:
            return person_id
        if self._any_erased and self._keyring.is_erased(self._platform, person_id):
            return NOBODY
        return self._keyring.pseudonym(self._platform, person_id)

    def _names_erased(self, uri: str, own_id: str | None) -> bool:
        return self._any_erased and any(
            self._name(did, own_id) == NOBODY for did in _DID.findall(uri)
        )

    def _renamed(self, uri: str, own_id: str | None) -> str:
        return _DID.sub(lambda match: self._name(match.group(), own_id), uri)

    # the judges of `picking`: what is stored of a value; nothing, yes or no, and a list stay

    def _person(self, value: Any, own_id: str | None) -> Any:
        if value is None or value == own_id or isinstance(value, (bool, list)):
            return value
        return self._name(str(value), own_id)

    def _uri(self, value: Any, own_id: str | None) -> Any:
        if value is None or isinstance(value, (bool, list)):
            return value
        uri = str(value)
        return NOBODY if self._names_erased(uri, own_id) else self._renamed(uri, own_id)

    def _own_text(self, value: Any, _own_id: str | None) -> Any:
        if value is None or isinstance(value, (bool, list)):
            return value
        return blank_mentions(str(value))

    def _value(self, value: Any, _own_id: str | None) -> Any:
        is_text = isinstance(value, str)
        return NOBODY if is_text and self._keyring.is_erased(self._platform, value) else value


def unnamed(keyring: Keyring, platform: str, item_id: str) -> str:
    """The id of an own item whose platform id names somebody who was erased."""
    return f"{NOBODY}:{keyring.digest(platform, item_id)[:16]}"
