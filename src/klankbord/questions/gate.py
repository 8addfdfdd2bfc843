"""Whether a text is worth reading under q2: a few looks that decide most texts.

It may say yes to a statement, never no to what `q2.reason` calls a question (tests try). It works
on bytes, where cutting and lower case cost least; words of the rules that are not ASCII are looked
for in both cases.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from klankbord.questions import q2

_NONE: frozenset[bytes] = frozenset()
#: ASCII, and of the rest the letters of Western Europe
_COMMON = bytes([*range(0x80), *range(0x80, 0xC0), 0xC3, 0xC5])
#: what str.split takes for blank, and what `patterns.spaced` makes blank
_SPACES = b"-'`\t\r\f\v\x1c\x1d\x1e\x1f"
_ENDS = b'.!;:,()[]/|\\"<>{}~=\n'
_OTHER_SCRIPTS = tuple(mark.encode() for mark in q2.MARKS if not mark.isascii())
_BLANKS = (
    "".join(map(chr, range(0x2000, 0x200B))) + "\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000"
)
_JOINTS = re.compile("|".join(_BLANKS + "’‘´ʼ‐‑–—").encode())
#: punctuation and pictures of two, three and four bytes
_PICTURES = re.compile(rb"\xc2[\x80-\xbf]|[\xe2\xef][\x80-\xbf]{2}|\xf0[\x80-\xbf]{3}")
_URL = re.compile(rb"https?://\S+|www\.\S+")
_MENTION = re.compile(rb"@(?<![\w.\x80-\xff]@)[\w.\x80-\xff-]+(?:@[\w.\x80-\xff-]+)?")
_HASHTAG = re.compile(rb"#(?<![\w\x80-\xff]#)[\w\x80-\xff]+")


def _table() -> bytes:
    table = bytearray(range(256))
    for upper in range(65, 91):
        table[upper] = upper + 32
    for byte in _SPACES:
        table[byte] = 32
    for byte in _ENDS:
        table[byte] = 10
    return bytes(table)


_TABLE = _table()


def _spelled(word: str) -> set[bytes]:
    """A folded word as it may stand in a text whose ASCII letters are small."""
    spelled = {word, word.replace("ss", "ß")}
    loud = {"".join(c if c.isascii() else c.upper() for c in form) for form in spelled}
    return {form.encode() for form in spelled | loud}


def _all_spelled(words: frozenset[str]) -> frozenset[bytes]:
    return frozenset(form for word in words for form in _spelled(word))


class _Looks(NamedTuple):
    """firsts: first word of a clause -> the second words with which it may ask (None: any, or
    none). before: what may stand before an opening in its clause. keys: words of which every
    request holds one, and links without a scheme. lasts: last words of the tails."""

    firsts: dict[bytes, frozenset[bytes] | None]
    before: frozenset[bytes]
    keys: frozenset[bytes]
    lasts: frozenset[bytes]


def _looks() -> _Looks:
    r = q2.rules()
    firsts: dict[bytes, frozenset[bytes] | None] = {}
    for patterns in (r.certain, r.openings, r.weak):
        for word, seconds in patterns.firsts().items():
            for form in _spelled(word):
                known = firsts.get(form, frozenset())
                is_any = seconds is None or known is None
                firsts[form] = None if is_any else known | _all_spelled(seconds)
    return _Looks(
        firsts,
        _all_spelled(r.greetings | r.connectors | q2.LOOSE),
        _all_spelled(r.keys | {"www"}),
        _all_spelled(r.tails.lasts()),
    )


_FIRSTS, _BEFORE, _KEYS, _LASTS = _looks()


def _plain(raw: bytes, others: bytes) -> bytes | None:
    """The text without typographic signs and pictures; None when another script may ask in it."""
    raw = raw.replace(b"\xe2\x80\x99", b" ")
    if raw.translate(None, _COMMON):
        if any(mark in raw for mark in _OTHER_SCRIPTS) or b"\xcc" in raw:
            return None
        raw = _PICTURES.sub(b"\n", _JOINTS.sub(b" ", raw))
    return raw


def _opens(words: Sequence[bytes], place: int) -> bool:
    """Whether the word at this place, and the one behind it, may open a question."""
    seconds = _FIRSTS.get(words[place], _NONE)
    return seconds is None or (place + 1 < len(words) and words[place + 1] in seconds)


def may_ask(text: str) -> bool:
    """Whether `q2.reason` could call this a question."""
    if "?" in text:
        return True
    raw = text[: q2.LONGEST].encode("utf-8", "surrogatepass")
    if (others := raw.translate(None, _COMMON)) and (raw := _plain(raw, others)) is None:
        return True
    while raw.startswith(b"@"):
        raw = raw.partition(b" ")[2].lstrip()
    if b"/" in raw:
        raw = _URL.sub(b" ", raw.lower())
    if b"@" in raw:
        raw = _MENTION.sub(b" ", raw)
    if b"#" in raw:
        raw = _HASHTAG.sub(b" ", raw)
    has_comma = b"," in raw
    raw = raw.translate(_TABLE)
    words = raw.split()
    if not _KEYS.isdisjoint(words) or (words and words[-1] in _LASTS):
        return True
    if not any(_opens(words, place) for place in range(len(words))):
        return False
    # q2 reads on over a comma, and looks further behind a greeting or a connector
    if has_comma or not _BEFORE.isdisjoint(words):
        return True
    clauses = (clause.split(None, 2) for clause in raw.split(b"\n"))
    return any(_opens(clause, 0) for clause in clauses if clause)
