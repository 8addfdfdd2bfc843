"""Patterns of words, as q2.toml writes them, found by their first word.

No regular expression takes part: a clause costs one look-up a word and a few comparisons, so time
grows with the length of the text and with nothing else.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

#: a part of a pattern: the words that may stand there, or None for one or two of any kind
Part = frozenset[str] | None
ANYWHERE = "…"


def words_of(text: str) -> list[str]:
    """The words of a pattern or of a text, folded; a comma is a word."""
    return spaced(text.casefold()).split()


def spaced(folded: str) -> str:
    """Hyphens and apostrophes are spaces, commas stand alone."""
    plain = folded.replace("-", " ").replace("'", " ").replace(",", " , ").replace("`", " ")
    return plain if plain.isascii() else _JOINTS.sub(" ", plain)


_JOINTS = re.compile("[’‘´ʼ‐‑–—]")


def _parts(pattern: str, lists: Mapping[str, str]) -> list[Part]:
    parts: list[Part] = []
    for word in words_of(pattern):
        if word == "*":
            parts.append(None)
        elif word.startswith("<"):
            parts.append(frozenset(words_of(lists[word[1:-1]])))
        else:
            parts.append(frozenset((word,)))
    return parts


class Patterns:
    """Patterns of which any may be found: at the start of a clause, or anywhere in it."""

    def __init__(self) -> None:
        self._pinned: dict[str, list[tuple[Part, ...]]] = defaultdict(list)
        self._free: dict[str, list[tuple[Part, ...]]] = defaultdict(list)

    def add(self, patterns: Iterable[str], lists: Mapping[str, str]) -> None:
        """Patterns of q2.toml; one that begins with `…` may stand anywhere."""
        for pattern in patterns:
            head, *rest = _parts(pattern.removeprefix(ANYWHERE), lists)
            for word in head or ():
                index = self._free if pattern.startswith(ANYWHERE) else self._pinned
                index[word].append(tuple(rest))

    def firsts(self) -> dict[str, frozenset[str] | None]:
        """First words of what must stand at the start -> their second words; None: any, or none."""
        found: dict[str, frozenset[str] | None] = {}
        for word, tails in self._pinned.items():
            seconds = [tail[0] if tail else None for tail in tails]
            known = [s for s in seconds if s is not None]
            found[word] = frozenset().union(*known) if len(known) == len(seconds) else None
        return found

    def lasts(self) -> frozenset[str]:
        """The last words of what must stand at the start."""
        last = [
            tail[-1] if tail else frozenset((word,))
            for word, tails in self._pinned.items()
            for tail in tails
        ]
        return frozenset().union(*(part for part in last if part is not None))

    def at(self, words: Sequence[str], place: int, *, to_end: bool = False) -> bool:
        """Whether a pattern that is bound to its place begins at this word."""
        return _any_fits(self._pinned, words, place, to_end)

    def within(self, words: Sequence[str], first: int = 0) -> bool:
        """Whether a pattern is there: a bound one at `first`, a free one at any word."""
        if self.at(words, first):
            return True
        return not self._free.keys().isdisjoint(words) and any(
            _any_fits(self._free, words, place, False) for place in range(len(words))
        )

    def anywhere(self, words: Sequence[str]) -> bool:
        """Whether one is there that is bound to its place, wherever it stands."""
        return not self._pinned.keys().isdisjoint(words) and any(
            _any_fits(self._pinned, words, place, False) for place in range(len(words))
        )

    def ends(self, words: Sequence[str]) -> bool:
        """Whether the last words are a pattern, with something before it."""
        start = max(1, len(words) - 4)
        return any(self.at(words, place, to_end=True) for place in range(start, len(words)))


def _any_fits(
    index: Mapping[str, list[tuple[Part, ...]]], words: Sequence[str], place: int, to_end: bool
) -> bool:
    tails = index.get(words[place]) if place < len(words) else None
    return bool(tails) and any(_fits(tail, words, place + 1, to_end) for tail in tails)


def _fits(tail: tuple[Part, ...], words: Sequence[str], place: int, to_end: bool) -> bool:
    for number, part in enumerate(tail):
        if part is None:
            rest = tail[number + 1 :]
            return any(
                place + skipped <= len(words) and _fits(rest, words, place + skipped, to_end)
                for skipped in (1, 2)
            )
        if place >= len(words) or words[place] not in part:
            return False
        place += 1
    return not to_end or place == len(words)
