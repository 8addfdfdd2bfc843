"""Numbers as people and programs write them: 1.234 | 1,234 | 1.234,5 | 12 % | 1 234 | – .

Whether a mark is the decimal one is decided once for a whole table, from its own cells; a table
that says nothing follows the mapping's or the language's habit.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

Mark = Literal["comma", "point"]
MARKS: dict[Mark, str] = {"comma": ",", "point": "."}
#: how "nothing was measured" is written; never a zero
ABSENT = frozenset({"", "-", "–", "—", "−", "--", "n/a", "n.v.t.", "n.b.", "s.o.", "n.d."})
#: largest number of digits that any counter has; longer ones are ids in the wrong column
DIGITS_AT_MOST = 15

_BLANKS = re.compile(r"(?<=\d)[\s'’](?=\d{3}(?!\d))")
_SHAPE = re.compile(r"[+-]?(\d[\d.,]*)?\d(\s*%)?", re.ASCII)


class NumberError(ValueError):
    """A cell that is no number; the text is the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Decided:
    """decimal: the decimal mark; reason: why, for the preview ("" when no cell has a mark)."""

    decimal: Mark
    reason: str


def is_absent(text: str) -> bool:
    """Whether a cell says that there is no figure."""
    return text.strip().casefold() in ABSENT


def tidy(text: str) -> str:
    """Without blanks between groups of three digits, with a plain minus."""
    return _BLANKS.sub("", text.strip().replace("\u2212", "-").replace("\u2013", "-"))


def evidence(text: str, *, whole: bool) -> Mark | None:
    """The decimal mark that a cell proves: 1.234,5 and 0,5 prove a comma; so does 1.234 where only
    whole numbers can be, and it proves nothing elsewhere."""
    number = tidy(text).rstrip("% ").lstrip("+-")
    if not re.fullmatch(r"[\d.,]*\d", number, re.ASCII):
        return None
    points, commas = number.count("."), number.count(",")
    if points and commas:
        return "point" if number.rfind(".") > number.rfind(",") else "comma"
    if points + commas == 0:
        return None
    mark: Mark = "point" if points else "comma"
    other: Mark = "comma" if points else "point"
    if points + commas > 1:
        return other  # a mark that stands twice parts thousands
    before, after = number.split(MARKS[mark])
    is_group = len(after) == 3 and 1 <= len(before) <= 3 and not before.startswith("0")
    if is_group:
        return other if whole else None
    return mark


def decide(cells: Iterable[tuple[str, bool]], stated: Mark | None, habit: Mark) -> Decided:
    """The decimal mark of a table, from (cell, whether its column is of whole numbers). A cell that
    contradicts it is refused when it is read."""
    found = {"comma": 0, "point": 0}
    doubtful = 0
    for cell, whole in cells:
        proof = evidence(cell, whole=whole)
        if proof:
            found[proof] += 1
        doubtful += proof is None and bool(re.search(r"\d[.,]\d", cell))
    if stated:
        return Decided(stated, f"a decimal {stated}: the mapping says so")
    if found["comma"] != found["point"]:
        mark: Mark = "comma" if found["comma"] > found["point"] else "point"
        return Decided(mark, f"a decimal {mark}: {found[mark]} of them can be nothing else")
    reason = f"a decimal {habit}: the habit of its language, none says otherwise"
    return Decided(habit, reason if doubtful or found["comma"] else "")


def parse(text: str, decimal: Mark) -> Decimal:
    """The number in a cell ("12 %" is 0.12); NumberError with what is wrong."""
    number = tidy(text)
    if not _SHAPE.fullmatch(number):
        raise NumberError("is no number")
    is_share = number.endswith("%")
    number = number.rstrip("% ")
    sign = -1 if number.startswith("-") else 1
    digits = number.lstrip("+-")
    head, mark, tail = digits.partition(MARKS[decimal])
    thousands = MARKS["point" if decimal == "comma" else "comma"]
    if thousands in head and not re.fullmatch(
        rf"[1-9]\d{{0,2}}({re.escape(thousands)}\d{{3}})+", head, re.ASCII
    ):
        raise NumberError(f"does not part thousands as the rest, which has a decimal {decimal}")
    if thousands in tail or MARKS[decimal] in tail:
        raise NumberError(f"has more marks than a number with a decimal {decimal}")
    if mark and not head:
        raise NumberError("is no number")
    if len(head.replace(thousands, "")) > DIGITS_AT_MOST or len(tail) > DIGITS_AT_MOST:
        raise NumberError("has more digits than any figure: an id in the wrong column?")
    try:
        value = sign * Decimal(head.replace(thousands, "") + ("." + tail if tail else ""))
    except InvalidOperation as error:
        raise NumberError("is no number") from error
    return value / 100 if is_share else value
