"""`klankbord import survey FILE --mapping FILE.yaml`: LimeSurvey's CSV export.

Headings by code (Q1[SQ001]), by text (What? [Facebook]) or both; answers by code or text. One
complete response an organisation counts, the latest. All or nothing; the same file with the same
mapping changes nothing.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from psycopg2.extras import execute_values

from klankbord.database import Access
from klankbord.errors import KlankbordError
from klankbord.imports import files, survey_answers
from klankbord.imports.bodies import Bodies
from klankbord.imports.faults import FileRefusedError, MappingError, Place, listed, said, shown
from klankbord.imports.survey_answers import Answer
from klankbord.imports.survey_columns import Columns, understood
from klankbord.imports.survey_mapping import SurveyMapping
from klankbord.settings import LOCAL_ZONE


class SurveyConflictError(KlankbordError):
    """Another file of the same survey was loaded before."""


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


@dataclass(frozen=True, slots=True)
class SurveyLoad:
    """What a load did. is_new: False when the very same file and mapping were loaded before."""

    survey: Survey
    answers: int
    is_new: bool


def load(
    access: Access,
    file: Path,
    mapping: SurveyMapping,
    now: datetime,
    *,
    replacing: bool = False,
) -> SurveyLoad:
    """Read and check the whole file, then store it in one transaction.

    replacing: what an earlier file of the same survey said goes. Raises FileRefusedError with every
    fault, SurveyConflictError when the survey is there already and differs.
    """
    document = files.read(file)
    digest = hashlib.sha256(f"{document.digest} {mapping.digest}".encode()).hexdigest()
    today = now.astimezone(LOCAL_ZONE).date()
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("lock table raw.surveys in share row exclusive mode")
        survey = read(document, mapping, Bodies.of(cursor, mapping), today)
        _know_regions(cursor, mapping)
        rows = [
            (mapping.survey_id, r.organisation_id, *a.cells, r.submitted_on, file.name, r.line, now)
            for r in survey.responses
            for a in r.answers
        ]
        cursor.execute("select digest from raw.surveys where survey_id = %s", [mapping.survey_id])
        earlier = cursor.fetchone()
        if earlier and earlier[0] == digest:
            return SurveyLoad(survey, len(rows), is_new=False)
        if earlier and not replacing:
            raise SurveyConflictError(
                f"survey {mapping.survey_id} was loaded from another file or with another mapping: "
                "add --replace to take this one instead, or give it another id."
            )
        for table in ("survey_answers", "survey_responses", "survey_addressed", "surveys"):
            cursor.execute(f"delete from raw.{table} where survey_id = %s", [mapping.survey_id])  # noqa: S608
        cursor.execute(
            "insert into raw.surveys values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                mapping.survey_id,
                mapping.title,
                mapping.year,
                digest,
                len(survey.responses),
                len(survey.incomplete),
                len(survey.repeated),
                len(survey.without_organisation),
                file.name,
                now,
            ],
        )
        execute_values(
            cursor,
            "insert into raw.survey_addressed values %s",
            [
                (mapping.survey_id, *key, number, list(mapping.regions[key]) or None)
                for key, number in mapping.addressed.items()
            ],
        )
        execute_values(
            cursor,
            "insert into raw.survey_responses values %s",
            [
                (mapping.survey_id, r.organisation_id, r.submitted_on, file.name, r.line, now)
                for r in survey.responses
            ],
        )
        execute_values(cursor, "insert into raw.survey_answers values %s", rows, page_size=5_000)
    return SurveyLoad(survey, len(rows), is_new=True)


def _know_regions(cursor: Any, mapping: SurveyMapping) -> None:
    """A region that the register does not have would make a survey speak for nobody."""
    named = sorted({code for codes in mapping.regions.values() for code in codes})
    cursor.execute(
        "select code from unnest(%s::text[]) as code where code not in (select region_code"
        " from register.organisations where superseded_at is null and region_code is not null)",
        [named],
    )
    if unknown := [code for (code,) in cursor.fetchall()]:
        raise MappingError(
            f"`regions` names {listed(unknown)}, which no organisation of the register has: "
            "use its region codes, such as 02000."
        )


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
