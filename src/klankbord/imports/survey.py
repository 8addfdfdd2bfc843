"""`klankbord import survey FILE --mapping FILE.yaml`: LimeSurvey's CSV export into schema raw.

All or nothing; the same file with the same mapping changes nothing. survey_responses.py reads the
file.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg2.extras import execute_values

from klankbord.database import Access
from klankbord.errors import KlankbordError
from klankbord.imports import files
from klankbord.imports.bodies import Bodies
from klankbord.imports.faults import MappingError, listed
from klankbord.imports.survey_mapping import SurveyMapping
from klankbord.imports.survey_responses import Survey, read
from klankbord.settings import LOCAL_ZONE


class SurveyConflictError(KlankbordError):
    """Another file of the same survey was loaded before."""


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
