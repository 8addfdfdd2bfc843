"""Rule set q2: questions in Dutch, French, English and German, with a question mark or without.

The rules are words, in q2.toml; here is the order in which they are asked. Most texts are decided
by a look at the first two words of each clause. A text in another language counts, as under q1,
where a question mark stands beside a word. What the rules decide, and what they cannot, is said in
docs/questions.md.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from klankbord.questions.patterns import Patterns, spaced, words_of

RULES = Path(__file__).with_name("q2.toml")
LANGUAGES = ("nl", "fr", "en", "de")
#: the first of these many characters are read
LONGEST = 20_000
MARKS = "?？؟\u037e՞፧⁇⁈⁉‽"

_MARK = re.compile(f"[{MARKS}]")
_WORD = re.compile(r"[^\W\d_]{2}")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_MENTION = re.compile(r"@(?<![\w.]@)[\w.-]+(?:@[\w.-]+)?")
_HASHTAG = re.compile(r"#(?<!\w#)\w+")
_DOUBT = re.compile(rf"[(\[]\s{{0,3}}[{MARKS}!]{{1,5}}\s{{0,3}}[)\]]")
_QUOTED = re.compile(
    r'"[^"\n]{0,300}"|„[^“”"\n]{0,300}[“”"]|“[^”“\n]{0,300}”|«[^«»\n]{0,300}»|»[^«»\n]{0,300}«'
    r"|‘[^‘’\n]{0,300}’(?!\w)|'(?<!\w')[^'\n]{0,300}'(?!\w)"
)
#: what ends a clause; a full stop, colon or bracket only where a blank follows
_END = re.compile(f"([{MARKS}!….;:)\n]+)")
_SOFT = frozenset(".;:)")
_NOTHING_YET = re.compile(r"\A[\s.;:)]+")
#: pictures end a clause, unless its mark comes behind them
_PICTURE = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d]+")


class Clause(NamedTuple):
    """A clause's words, folded, and the marks that end it."""

    words: list[str]
    end: str
    is_marked: bool


class Rules:
    """q2.toml, read: one list of each kind, of all languages together."""

    def __init__(self, data: dict[str, dict[str, Any]]) -> None:
        for kind in (
            *("certain", "openings", "weak", "requests", "tails", "reactions", "indignant"),
            *("agreement", "among_friends", "games", "announcers"),
        ):
            found = Patterns()
            for language in LANGUAGES:
                found.add(data[language][kind], data[language]["lists"])
            setattr(self, kind, found)

        def words(kind: str) -> frozenset[str]:
            return frozenset(w for lang in LANGUAGES for w in words_of(data[lang][kind]))

        self.greetings = words("greetings")
        self.connectors = words("connectors")
        self.not_before_tails = words("not_before_tails")
        self.keys = words("keys")
        pairs = [data[language]["because"] for language in LANGUAGES]
        self.why = frozenset(w for pair in pairs for w in words_of(pair["why"]))
        self.because = frozenset(w for pair in pairs for w in words_of(pair["because"]))

    certain: Patterns
    openings: Patterns
    weak: Patterns
    requests: Patterns
    tails: Patterns
    reactions: Patterns
    indignant: Patterns
    agreement: Patterns
    among_friends: Patterns
    games: Patterns
    announcers: Patterns


@cache
def rules() -> Rules:
    """The rules, read once."""
    return Rules(tomllib.loads(RULES.read_text(encoding="utf-8")))


def is_question(text: str) -> bool:
    """Whether a text asks something; `gate.may_ask` says no to most texts before this is asked."""
    return reason(text)[0]


def reason(text: str) -> tuple[bool, str]:
    """(verdict, the rule that gave it)."""
    text = text[:LONGEST]
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        # NFC would make a semicolon of the Greek question mark
        text = unicodedata.normalize("NFC", text.replace("\u037e", "?"))
    clauses = _clauses(_bare(text.casefold()))
    verdict, rule = False, "statement"
    for clause, after in _marked_first(clauses):
        verdict, said = _judge(clause, after)
        rule = rule if said == "statement" else said
        if verdict:
            break
    if verdict and rules().games.anywhere([word for c in clauses for word in c.words]):
        return False, "games"
    return verdict, rule


def _bare(text: str) -> str:
    """A folded text without links, mentions, tags, questions of others, signs of doubt."""
    if "/" in text or "www." in text:
        text = _URL.sub(" ", text)
    if "@" in text:
        text = _MENTION.sub(" ", text)
    if "#" in text:
        text = _HASHTAG.sub(" ", text)
    is_ascii = text.isascii()
    if "?" in text or (not is_ascii and _MARK.search(text)):
        if "(" in text or "[" in text:
            text = _DOUBT.sub(" ", text)
        if '"' in text or "'" in text or not is_ascii:
            text = _QUOTED.sub(_unasked, text)
    return text if is_ascii else _PICTURE.sub("\n", text)


def _marked_first(clauses: list[Clause]) -> Iterator[tuple[Clause, Clause | None]]:
    """Each clause with the one behind it; those with a question mark decide most texts."""
    pairs = list(zip_longest(clauses, clauses[1:]))
    yield from (pair for pair in pairs if pair[0].is_marked)
    yield from (pair for pair in pairs if not pair[0].is_marked)


def _unasked(match: re.Match[str]) -> str:
    """A quotation without its question: what somebody else asked is no question."""
    return " " if _MARK.search(match.group()) else match.group()


def _clauses(bare: str) -> list[Clause]:
    found: list[Clause] = []
    # a soft mark that nothing stands before ends nothing, whatever blank it has
    pieces = _END.split(_NOTHING_YET.sub("", spaced(bare)))
    before = ""
    for place in range(0, len(pieces), 2):
        text = before + pieces[place]
        end = pieces[place + 1] if place + 1 < len(pieces) else ""
        behind = pieces[place + 2] if end else ""
        if behind and not behind[0].isspace() and _SOFT.issuperset(end):
            before = text + end  # "8.30", "dorp.be"
            continue
        before, words, end = "", text.split(), end.strip()
        is_marked = "?" in end or (not end.isascii() and _MARK.search(end) is not None)
        if words:
            found.append(Clause(words, end, is_marked))
        elif end and found and not found[-1].end:  # "... 🤔 ?"
            found[-1] = Clause(found[-1].words, end, is_marked)
    return found


def _judge(clause: Clause, after: Clause | None) -> tuple[bool, str]:
    words, r = clause.words, rules()
    first = _start(words)
    if clause.is_marked:
        verdict, rule = _judge_marked(clause, first, after)
    else:
        verdict, rule = _judge_unmarked(clause, first, after is None)
    if verdict and (r.indignant.within(words, first) or r.indignant.at(words, 0)):
        return False, "indignant"
    if verdict and r.among_friends.within(words, first):
        return False, "among_friends"
    return verdict, rule


def _start(words: Sequence[str]) -> int:
    """The place of the first word that is no connector, greeting or comma."""
    r, place = rules(), 0
    while place < len(words) and (words[place] in r.connectors or words[place] in LOOSE):
        place += 1
    return place


#: what may stand alone before a clause's first word
LOOSE = frozenset({",", "(", "¿", "¡", "•", "*", "&", "+"})


def _judge_marked(clause: Clause, first: int, after: Clause | None) -> tuple[bool, str]:
    words, r = clause.words, rules()
    if not _WORD.search(" ".join(words)):
        return False, "no_word"
    if r.reactions.at(words, first, to_end=True) or first == len(words):
        return False, "reactions"
    if after is not None and after.words:
        if r.announcers.at(words, 0, to_end=True):
            return False, "announcers"
        if len(words) - first == 1 and words[first] in r.why and after.words[0] in r.because:
            return False, "announcers"
    if r.agreement.ends(words) and not _opens(words, first, (r.certain, r.openings, r.weak)):
        return False, "agreement"
    return True, "mark"


def _judge_unmarked(clause: Clause, first: int, is_last: bool) -> tuple[bool, str]:
    words, r = clause.words, rules()
    is_loud, is_open = "!" in clause.end, not clause.end
    if _opens(words, first, (r.certain,)):
        return True, "certain"
    if "," in words:
        if any(r.certain.at(words, p) for p, word in enumerate(words, 1) if word == ","):
            return True, "certain"
        words = [word for word in words if word != ","]
        first = _start(words)
    if not r.keys.isdisjoint(words) and r.requests.anywhere(words):
        return True, "requests"
    if is_loud or not _is_free(clause.words):
        return False, "statement"
    if _opens(words, first, (r.openings,)):
        return True, "openings"
    if is_open and _opens(words, first, (r.weak,)):
        return True, "weak"
    if is_open and is_last and r.tails.ends(words) and r.not_before_tails.isdisjoint(words):
        return True, "tails"
    return False, "statement"


def _is_free(words: Sequence[str]) -> bool:
    """Not "is it X, then Y": a condition looks like a question."""
    pairs = pairwise(words)
    return not any(a == "," and b in _THEN for a, b in pairs)


_THEN = frozenset({"dan", "dann", "then", "alors", "so"})


def _opens(words: Sequence[str], first: int, kinds: Sequence[Patterns]) -> bool:
    """Whether the clause begins with one of the patterns, after a greeting of some words."""
    places = [first, 0]  # "ou" is "or", and "where" without its accent
    if first < len(words) and words[first] in rules().greetings:
        places += range(first + 1, min(first + 6, len(words)))
    return any(kind.at(words, place) for place in places for kind in kinds)
