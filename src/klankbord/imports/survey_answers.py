"""The cells of one question in one response -> answers that may be stored. Never free text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from klankbord.imports.faults import shown
from klankbord.imports.files import Cell
from klankbord.imports.survey_mapping import Question, plain

#: LimeSurvey's own words for a box, by code, text and language
YES = {"y", "1", "yes", "ja", "oui"}
NO = {"n", "0", "2", "no", "nee", "nein", "non"}
#: a question that was not shown, or is not answered
ABSENT = {"", "n/a", "n.v.t.", "s.o.", "-", "no answer", "geen antwoord", "sans réponse"}

_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)

Faults = list[tuple[str, str]]  # (subquestion, what is wrong)


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of raw.survey_answers. value: of a number or scale; 1 or 0 of a box; of a text its
    length in characters."""

    question: Question
    subquestion: str
    answer_code: str | None
    label: str | None
    value: float | None

    @property
    def cells(self) -> tuple[str | float | None, ...]:
        """In the order of the table's columns."""
        q = self.question
        words = q.subquestions.get(self.subquestion, "")
        return (
            q.code, self.subquestion, q.kind, q.text, words, self.answer_code, self.label,
            self.value,
        )  # fmt: skip


def read(question: Question, cells: Mapping[str, str]) -> tuple[list[Answer], Faults]:
    """The answers in a question's cells (by subquestion, "" where it has none). What is empty gives
    no row: nobody knows whether it was asked."""
    if question.kind == "multiple":
        return _boxes(question, cells)
    found: list[Answer] = []
    faults: Faults = []
    for sub, text in cells.items():
        if plain(text) in ABSENT and plain(text) not in question.answers:
            continue
        try:
            found.append(_one(question, sub, text))
        except ValueError as error:
            faults.append((sub, str(error)))
    return found, faults


def _one(question: Question, sub: str, text: str) -> Answer:
    if question.kind == "text":
        return Answer(question, sub, None, None, float(len(text)))
    known = question.answers.get(plain(text))
    if question.kind == "single":
        if known is None:
            raise ValueError(f"{shown(text)} is none of the answers to {question.code}")
        return Answer(question, sub, known[0], known[1], None)
    # the codes of a scale may be words or A1..A5, whose label is then the number
    number = known[1] if known and _number(known[1]) is not None else text
    value = _number(number) if _number(number) is not None else _number(known[0] if known else "")
    if value is None:
        raise ValueError(f"{shown(text)} is no number")
    least, most = question.span or (float("-inf"), float("inf"))
    if not least <= value <= most:
        raise ValueError(f"{value:g} lies outside {least:g} to {most:g}")
    if question.kind == "number" and _THOUSANDS.fullmatch(number):
        # LimeSurvey writes no thousands; a spreadsheet that saved the file since may have
        thousands = re.sub("[.,]", "", number)
        if least <= float(thousands) <= most:
            raise ValueError(f"{shown(text)} is {thousands}, or a fraction: write it plainly")
    return Answer(question, sub, known[0] if known else None, known[1] if known else None, value)


def _boxes(question: Question, cells: Mapping[str, str]) -> tuple[list[Answer], Faults]:
    """A ticked box is Y, an empty one says no only when the question was surely asked: when another
    of its boxes is ticked, when a box says no in words, or when the mapping says so."""
    ticked: dict[str, bool | None] = {}
    faults: Faults = []
    for sub, text in cells.items():
        word = plain(text)
        if word in ABSENT:
            ticked[sub] = None
        elif sub == "other" or word in YES:
            ticked[sub] = True  # "other" holds words, which are not read
        elif word in NO:
            ticked[sub] = False
        else:
            faults.append((sub, f"{shown(text)} is neither yes nor no"))
    if faults:
        return [], faults
    was_asked = question.empty_means_no or any(v is not None for v in ticked.values())
    return [
        Answer(question, sub, None, None, 1.0 if is_ticked else 0.0)
        for sub, is_ticked in ticked.items()
        if was_asked
    ], []


def _number(text: str) -> float | None:
    """A number with a decimal point or comma, as LimeSurvey writes them, without groups."""
    if not re.fullmatch(r"-?\d{1,12}([.,]\d{1,10})?", text.strip(), re.ASCII):
        return None
    return float(text.strip().replace(",", "."))


def submitted(cell: Cell, today: date) -> date | None:
    """The day; None for 1 January 1980, which is what a survey without date stamps writes."""
    if isinstance(cell, datetime):
        day = cell.date()
    elif isinstance(cell, date):
        day = cell
    else:
        text = str(cell)
        found = re.match(r"(\d{4})-(\d\d)-(\d\d)(?=\D|$)", text, re.ASCII)
        other = re.match(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?=\D|$)", text, re.ASCII)
        parts = found.groups() if found else other.groups()[::-1] if other else ()
        try:
            day = date(*map(int, parts))
        except (ValueError, TypeError) as error:
            what = f"{shown(text)} is no date; write it as 2026-03-31, or day first"
            raise ValueError(what) from error
    if day == date(1980, 1, 1):
        return None
    if not date(2000, 1, 1) <= day <= today:
        raise ValueError(f"{day} is no day on which this survey can have been answered")
    return day
