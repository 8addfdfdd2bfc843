"""The responses in LimeSurvey's CSV export.

Headings by code (Q1[SQ001]), by text (What? [Facebook]) or both; answers by code or text. One
complete response an organisation counts, the latest.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from klankbord.imports import files, survey_answers
from klankbord.imports.bodies import Bodies
from klankbord.imports.faults import FileRefusedError, Place, said, shown
from klankbord.imports.survey_answers import Answer
from klankbord.imports.survey_columns import Columns, understood
from klankbord.imports.survey_mapping import SurveyMapping


@dataclass(frozen=True, slots=True)
class Response:
    """A complete response of a known organisation."""

    line: int
    number: int  # LimeSurvey's own: later responses have higher ones
    organisation_id: str
    submitted_on: date | None
    answers: tuple[Answer, ...]


@dataclass(slots=True)
class Survey:
    """What a file says: the responses that count, and the lines that were set aside and why."""

    columns: Columns
    responses: list[Response] = field(default_factory=list)
    incomplete: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    without_organisation: list[int] = field(default_factory=list)


def read(document: files.Document, mapping: SurveyMapping, bodies: Bodies, today: date) -> Survey:
    """The responses of a file; FileRefusedError with every fault by line and column."""
    header, columns, rows = understood(document, mapping)
    survey, faults = Survey(columns), []
    candidates: dict[str, list[Response]] = {}
    numbers: dict[int, int] = {}
    for row in rows:
        reading = _Line(document.name, row.line, header, row.cells)
        if len(row.cells) != len(header) and row.filled:
            what = f"the line has {len(row.cells)} cells and the header {len(header)}"
            faults.append(said(Place(document.name, row.line), what))
            continue
        if not row.filled:
            continue
        response = _response(reading, survey, mapping, bodies, faults, today)
        if response is None:
            continue
        if response.number in numbers:
            what = f"response {response.number} stands on line {numbers[response.number]} too"
            faults.append(said(Place(document.name, row.line), what))
        numbers[response.number] = row.line
        candidates.setdefault(response.organisation_id, []).append(response)
    for same in candidates.values():
        same.sort(key=lambda r: (r.submitted_on or date.min, r.number))
        survey.responses.append(same[-1])
        survey.repeated += [r.line for r in same[:-1]]
    faults += _too_many(document.name, survey.responses, mapping, bodies)
    if not candidates and not faults:
        faults.append(said(Place(document.name, 1), "it holds no complete response"))
    if faults:
        raise FileRefusedError(faults)
    survey.repeated.sort()
    survey.responses.sort(key=lambda r: r.line)
    return survey


@dataclass(frozen=True, slots=True)
class _Line:
    file: str
    line: int
    header: Sequence[str]
    cells: Sequence[files.Cell]

    def text(self, column: int) -> str:
        """The cell as text; the header decides how many there are."""
        value = self.cells[column]
        return "" if value is None else str(value).strip()

    def place(self, column: int) -> Place:
        """Where a fault is. A heading may be a long question."""
        heading = self.header[column]
        short = heading if len(heading) <= 40 else heading[:37] + "..."
        return Place(self.file, self.line, column=short, number=column + 1)


def _response(
    line: _Line,
    survey: Survey,
    mapping: SurveyMapping,
    bodies: Bodies,
    faults: list[str],
    today: date,
) -> Response | None:
    columns = survey.columns
    if not line.text(columns.submitted):
        survey.incomplete.append(line.line)
        return None
    before = len(faults)
    try:
        submitted_on = survey_answers.submitted(line.cells[columns.submitted], today)
    except ValueError as error:
        faults.append(said(line.place(columns.submitted), str(error)))
        submitted_on = None
    number = line.text(columns.number)
    if not re.fullmatch(r"\d{1,18}", number, re.ASCII):
        faults.append(said(line.place(columns.number), f"{shown(number)} is no response id"))
    who = line.text(columns.organisation)
    if not who:
        survey.without_organisation.append(line.line)
        return None
    kind = line.text(columns.kind) if columns.kind is not None else ""
    on = submitted_on or date(mapping.year, 12, 31)
    body, problem = bodies.find(who, kind, on)
    if problem:
        faults.append(said(line.place(columns.organisation), problem))
    answers: list[Answer] = []
    for question, places in columns.questions:
        cells = {sub: line.text(column) for sub, column in places.items()}
        found, wrong = survey_answers.read(question, cells)
        answers += found
        faults += [said(line.place(places[sub]), what) for sub, what in wrong]
    if len(faults) > before or body is None:
        return None
    return Response(line.line, int(number), body, submitted_on, tuple(answers))


def _too_many(
    file: str, responses: Sequence[Response], mapping: SurveyMapping, bodies: Bodies
) -> Iterator[str]:
    """More answered than were asked: then the mapping or the file is another survey's."""
    counts: dict[tuple[str, str], int] = {}
    for response in responses:
        key = bodies.kinds[response.organisation_id]
        counts[key] = counts.get(key, 0) + 1
    for (country, kind), count in counts.items():
        addressed = mapping.addressed.get((country, kind))
        if addressed is None:
            what = f"{count} organisations of type {kind} answered and `addressed` has none"
            yield said(Place(file, 1), f"{what}: add how many were asked")
        elif count > addressed:
            what = f"{count} organisations of type {kind} answered and {addressed} were asked"
            yield said(Place(file, 1), f"{what}: correct `addressed`")
