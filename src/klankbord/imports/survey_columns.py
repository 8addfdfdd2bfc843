"""Which column of an export is which question, whatever LimeSurvey was told to write as heading."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from klankbord.imports.faults import FileRefusedError, Place, listed, said
from klankbord.imports.files import Document, Row, Sheet
from klankbord.imports.survey_mapping import Question, SurveyMapping, is_personal, plain

#: Q1 | Q1[SQ001] | Q1[SQ001][1] | Q1[SQ001]. The question [its part]
_CODED = re.compile(
    r"(?P<code>[A-Za-z]\w*)(\[(?P<sub>[^\]]+)\](\[(?P<scale>\d)\])?)?(\. .*)?", re.S
)
#: The question [its part] [which scale]
_WORDED = re.compile(r"(?P<text>.*?)( \[(?P<sub>[^\]]*)\])?", re.S)


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions. questions: each with subquestion -> column. personal, unread: headings that are
    not stored, those about persons and all others."""

    submitted: int
    number: int
    organisation: int
    kind: int | None
    questions: tuple[tuple[Question, Mapping[str, int]], ...]
    personal: tuple[str, ...]
    unread: tuple[str, ...]


def understood(
    document: Document, mapping: SurveyMapping
) -> tuple[Sequence[str], Columns, Sequence[Row]]:
    """(header, columns, rows below) under the delimiter that gives the header sense; otherwise
    FileRefusedError with what the best one lacks."""
    best: list[str] | None = None
    for _, sheets in document.ways:
        rows = [row for row in sheets[0].rows if row.filled]
        if not rows:
            continue
        header = [str(cell or "") for cell in rows[0].cells]
        faults: list[str] = []
        columns = _columns(header, rows[0].line, document.name, mapping, faults)
        if columns and not faults:
            return header, columns, as_wide(sheets[0], rows[1:], len(header))
        if best is None or len(faults) < len(best):
            best = faults
    lacks = best or [said(Place(document.name, 1), "it holds no header")]
    # the file may be broken under the very delimiter that it has
    raise FileRefusedError([*lacks, *document.problems])


def as_wide(sheet: Sheet, rows: Sequence[Row], width: int) -> list[Row]:
    """Rows of a workbook end at their last filled cell; those of a text that do are broken off."""
    if sheet.is_text:
        return list(rows)
    return [Row(r.line, r.cells + (None,) * (width - len(r.cells))) for r in rows]


def _columns(
    header: Sequence[str], line: int, file: str, mapping: SurveyMapping, faults: list[str]
) -> Columns | None:
    names = [plain(name) for name in header]
    place = Place(file, line)

    def one(wanted: Iterable[str], what: str) -> int:
        wanted = list(wanted)
        found = [n for n, name in enumerate(names) if name in wanted]
        found = found or [n for n, name in enumerate(header) if _code(name) in wanted]
        if len(found) != 1:
            several = f"{len(found)} columns" if found else "no column"
            faults.append(said(place, f"{several} “{wanted[0]}”, {what}"))
        return found[0] if found else -1

    submitted = one(mapping.columns["submitted"], "the date a response was submitted")
    number = one(mapping.columns["id"], "the number of a response")
    organisation = one([plain(mapping.column)], "which says the organisation")
    kind = None
    if mapping.type_column:
        kind = one([plain(mapping.type_column)], "which says the type of organisation")
    questions = []
    for question in mapping.questions:
        places = _question(header, question)
        for sub, found in places.items():
            name = f"{question.code}[{sub}]" if sub else question.code
            if len(found) != 1:
                several = f"{len(found)} columns" if found else "no column"
                faults.append(said(place, f"{several} for question {name}: see the mapping"))
        questions.append((question, {sub: found[0] for sub, found in places.items() if found}))
    used = {submitted, number, organisation, kind}
    used |= {column for _, places in questions for column in places.values()}
    if about := [
        h for _, places in questions for c in places.values() if is_personal(h := header[c])
    ]:
        faults.append(said(place, f"columns {listed(about)} are about persons: never stored"))
    left = [name for n, name in enumerate(header) if n not in used and name]
    who = header[organisation] if organisation >= 0 else ""
    personal = [name for name in (*left, who) if is_personal(name)]
    return Columns(
        submitted,
        number,
        organisation,
        kind,
        tuple(questions),
        tuple(personal),
        tuple(name for name in left if not is_personal(name)),
    )


def _code(heading: str) -> str:
    """The question code of a heading, plain, or the empty text."""
    found = _CODED.fullmatch(heading.strip())
    return plain(found["code"]) if found and not found["sub"] else ""


def _question(header: Sequence[str], question: Question) -> dict[str, list[int]]:
    """subquestion -> the columns that may be it; headings with its code win over its text."""
    subs = question.subquestions or {"": ""}
    by_code: dict[str, list[int]] = {sub: [] for sub in subs}
    by_text: dict[str, list[int]] = {sub: [] for sub in subs}
    for column, heading in enumerate(header):
        coded = _CODED.fullmatch(heading.strip())
        worded = _WORDED.fullmatch(heading.strip())
        for sub, label in subs.items():
            if coded and _is(coded, question.code, sub):
                by_code[sub].append(column)
            elif plain(heading) == plain(f"{question.code}_{sub}") and sub:
                by_code[sub].append(column)  # as R wants it
            elif worded and plain(worded["text"]) == plain(question.text):
                part = plain(worded["sub"] or "")
                if part == plain(label) or (not sub and not part):
                    by_text[sub].append(column)
            elif not sub and plain(heading) == plain(question.text):
                by_text[sub].append(column)  # a text that ends in brackets of its own
    return {sub: by_code[sub] or by_text[sub] for sub in subs}


def _is(coded: re.Match[str], code: str, sub: str) -> bool:
    parts = coded["sub"] or ""
    if coded["scale"]:
        parts = f"{parts}][{coded['scale']}"
    return plain(coded["code"]) == plain(code) and plain(parts) == plain(sub)
