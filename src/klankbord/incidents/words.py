"""What an own message says of incidents, found before landing, so that no text is needed later.

The words are a seed, `dbt_project/seeds/incident_terms.csv` (kind, language, term). Kinds are those
of incidents, `any` (of none of them), `alert` (BE-Alert, NL-Alert) and `contrary` (prevention,
parties: beside a crisis word it speaks against it). Places are the register's municipalities.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

from klankbord import settings

RULES_VERSION = "i1"
SEED = settings.PROJECT_ROOT / "dbt_project" / "seeds" / "incident_terms.csv"
#: a name that may be a word ("As", "Mol", "Buren") is a place after one of these or before a colon
SHORT = 4
AMBIGUOUS = frozenset({"Balen", "Bergen", "Buren", "Halle", "Putten"})
_BEFORE_A_PLACE = r"(?:in|te|à|en|bij|aan|van|near|op|de|bei)\s+"
_TAG = re.compile(r"#(\w+)")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_NOT_A_WORD = re.compile(r"[\W_]+")
_MODIFIERS = re.compile(r"\s*\([^)]*\)")


@dataclass(frozen=True, slots=True)
class _Terms:
    """kinds: folded term -> kinds. compact: the same without blanks and hyphens, as in tags.
    finder: all of both: a text without any of them has no term, and most texts are that. heads,
    tails: the first and the last three letters of `compact` -> those that begin, or end, with
    them."""

    finder: AhoCorasick
    heads: dict[str, tuple[str, ...]]
    tails: dict[str, tuple[str, ...]]
    pattern: re.Pattern[str]
    kinds: dict[str, frozenset[str]]
    compact: dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Places:
    """named: a name as it is written -> the register's names for it; compact: as in tags."""

    pattern: re.Pattern[str] | None
    named: dict[str, frozenset[str]]
    compact: dict[str, frozenset[str]]


def mentions(text: str) -> dict[str, Any] | None:
    """{"kinds", "tag_kinds", "places": lists in order of the alphabet, "is_alert", "is_contrary",
    "rules_version"}; None where no word is of an incident. Places are the register's own names."""
    terms = _terms()
    if _has_nothing(text, terms):
        return None
    bare = _URL.sub(" ", text)
    folded = bare.casefold()
    found = {kind for m in terms.pattern.findall(folded) for kind in terms.kinds[m]}
    tags = [_compact(tag) for tag in _tags(bare)] if "#" in bare else []
    if not found - {"contrary"} and not any(_may_hold(tag, terms) for tag in tags):
        return None
    places = _places(tuple(settings.register_folders()))
    tag_kinds, tag_places = set(), set()
    for tag in tags:
        kinds, where = _parts(tag, terms, places)
        tag_kinds |= kinds
        tag_places |= where
    if not (found | tag_kinds) - {"contrary"}:
        return None
    return {
        "kinds": sorted((found | tag_kinds) - {"alert", "contrary"}),
        "tag_kinds": sorted(tag_kinds - {"alert", "contrary"}),
        "places": sorted(_named(bare, places) | tag_places),
        "tag_places": sorted(tag_places),
        "is_alert": "alert" in found | tag_kinds,
        "is_contrary": "contrary" in found | tag_kinds,
        "rules_version": RULES_VERSION,
    }


def _has_nothing(text: str, terms: _Terms) -> bool:
    """Whether a look at the whole text, its links too, is enough to say that no term is in it. Most
    texts end here, and every post that lands comes by."""
    if terms.finder.find_matches_as_indexes(text.casefold()):
        return False
    # without letters that fold into others and without _, a tag's compact form stands in the text
    if "#" not in text or (text.isascii() and "_" not in text):
        return True
    at = text.find("://")
    while at >= 0:  # a tag that ends in a link would be another one without it
        if text[text.rfind(" ", 0, at) + 1 : at] not in ("https", "http"):
            return False
        at = text.find("://", at + 3)
    return "www." not in text.casefold() and not any(map(_is_heard, _TAG.findall(text)))


@lru_cache(maxsize=4096)  # the same few tags come again and again
def _is_heard(tag: str) -> bool:
    """Whether a hashtag begins or ends with a term."""
    return _may_hold(_compact(tag), _terms())


def _tags(bare: str) -> Iterator[str]:
    """The hashtags of a text, without #. What looks back is kept out of the pattern: one that
    begins with a letter is found five times sooner."""
    for match in _TAG.finditer(bare):
        before = bare[match.start() - 1] if match.start() else " "
        if not (before.isalnum() or before == "_"):
            yield match.group(1)


def _may_hold(tag: str, terms: _Terms) -> bool:
    """Whether a hashtag begins or ends with a term."""
    return tag.startswith(terms.heads.get(tag[:3], ())) or tag.endswith(
        terms.tails.get(tag[-3:], ())
    )


def _parts(tag: str, terms: _Terms, places: _Places) -> tuple[frozenset[str], frozenset[str]]:
    """(kinds, places) of a hashtag: a term, a place, or the one beside the other."""
    none: frozenset[str] = frozenset()
    if tag in terms.compact or tag in places.compact:
        return terms.compact.get(tag, none), places.compact.get(tag, none)
    for cut in range(2, len(tag) - 1):
        head, tail = tag[:cut], tag[cut:]
        for term, place in ((head, tail), (tail, head)):
            if term in terms.compact and place in places.compact:
                return terms.compact[term], places.compact[place]
    return none, none


def _named(text: str, places: _Places) -> set[str]:
    if places.pattern is None:
        return set()
    found = (m.lastgroup and m.group(m.lastgroup) for m in places.pattern.finditer(text))
    return {name for word in found if word for name in places.named[word]}


def _compact(words: str) -> str:
    plain = words.isascii() and words.isalnum()
    return words.casefold() if plain else _NOT_A_WORD.sub("", words.casefold())


@cache
def _terms() -> _Terms:
    kinds: dict[str, set[str]] = defaultdict(set)
    with SEED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            kinds[row["term"].casefold()].add(row["kind"])
    longest = sorted(kinds, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")
    compact: dict[str, set[str]] = defaultdict(set)
    for term, of in kinds.items():
        compact[_compact(term)] |= of
    heads: dict[str, set[str]] = defaultdict(set)
    tails: dict[str, set[str]] = defaultdict(set)
    for term in compact:
        if len(term) >= 3:
            heads[term[:3]].add(term)
            tails[term[-3:]].add(term)
    return _Terms(
        AhoCorasick(sorted(kinds.keys() | compact.keys()), implementation=Implementation.DFA),
        {letters: tuple(of) for letters, of in heads.items()},
        {letters: tuple(of) for letters, of in tails.items()},
        pattern,
        _frozen(kinds),
        _frozen(compact),
    )


@lru_cache(maxsize=8)
def _places(folders: tuple[Path, ...]) -> _Places:
    """The municipalities that the folders of the register name, whenever they existed."""
    named: dict[str, set[str]] = defaultdict(set)
    for folder in folders:
        for path in sorted(folder.rglob("organisations.csv")):
            with path.open(encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    if row.get("organisation_type") == "municipality":
                        for key in ("name_nl", "name_fr", "name_de"):
                            if name := (row.get(key) or "").strip():
                                named[_MODIFIERS.sub("", name)].add(name)
    compact: dict[str, set[str]] = defaultdict(set)
    for name, of in named.items():
        compact[_compact(name)] |= of
    return _Places(_place_pattern(named), _frozen(named), _frozen(compact))


def _place_pattern(named: dict[str, set[str]]) -> re.Pattern[str] | None:
    longest = sorted(named, key=len, reverse=True)
    doubtful = {name for name in longest if len(name) <= SHORT} | AMBIGUOUS
    short = "|".join(re.escape(name) for name in longest if name in doubtful)
    usual = "|".join(re.escape(name) for name in longest if name not in doubtful)
    ways = [f"(?P<usual>{usual})"] if usual else []
    if short:
        ways.append(rf"(?:{_BEFORE_A_PLACE})(?P<short>{short})|(?P<headed>{short})(?=\s?:)")
    return re.compile(rf"(?<!\w)(?:{'|'.join(ways)})(?!\w)") if ways else None


def _frozen(sets: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(of) for key, of in sets.items()}
