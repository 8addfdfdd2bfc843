"""Whether a text is worth reading under q2: a few looks that decide most texts.

It may say yes to a statement, never no to what `q2.reason` calls a question (tests try). It works
on bytes, where cutting and lower case cost least; words of the rules that are not ASCII are looked
for in both cases.
"""

import re
from typing import NamedTuple

from klankbord.questions import q2

_NONE: frozenset[bytes] = frozenset()
#: ASCII, and of the rest the letters of Western Europe
_COMMON = bytes([*range(0x80), *range(0x80, 0xC0), 0xC3, 0xC5])
_SPACES, _ENDS = b"-'`", b'.!;:,()[]/|\\"<>{}~=\n\r\f\v'
_OTHER_SCRIPTS = tuple(mark.encode() for mark in q2.MARKS if not mark.isascii())
_JOINTS = re.compile("|".join("\u00a0\u2007\u2009\u202f’‘´ʼ‐‑–—").encode())
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
    none). before: what may stand before an opening. keys: words of which every request holds one,
    and links without a scheme. lasts: last words of the tails."""

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
        _all_spelled(r.greetings | r.connectors),
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


def _opens_later(clause: bytes) -> bool:
    """Whether an opening stands behind a greeting or a connector."""
    words = clause.split(None, 12)
    for place, word in enumerate(words[1:12], 1):
        seconds = _FIRSTS.get(word, _NONE)
        if seconds is None or (place + 1 < len(words) and words[place + 1] in seconds):
            return True
    return False


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
    raw = raw.translate(_TABLE)
    words = raw.split()
    if not _KEYS.isdisjoint(words) or (words and words[-1] in _LASTS):
        return True
    for clause in raw.split(b"\n"):
        opening = clause.split(None, 2)
        if opening and opening[0] in _FIRSTS:
            seconds = _FIRSTS[opening[0]]
            if seconds is None:
                return True
            if len(opening) > 1 and opening[1] in seconds:
                return True
        if opening and opening[0] in _BEFORE and _opens_later(clause):
            return True
    return False
