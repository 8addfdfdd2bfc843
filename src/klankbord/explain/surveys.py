"""What a survey's share (M50) or its response rate rests on: the answers, cell by cell, with what
each of them stands for. Who answered what is not shown."""

import math
from typing import Any

from klankbord.explain import arithmetic, reading
from klankbord.explain.figure_ids import FigureId

Row = dict[str, Any]
SHOWN = ("value", "unit", "lower", "upper", "unweighted_share", "n", "n_population", "addressed",
         "responses", "missing_reason", "definition_version", "parameters",
         "is_synthetic")  # fmt: skip
#: an empty part of a question's name
NONE = "-"


def read(cursor: Any, wanted: FigureId) -> Row:
    """A share (survey/question/subquestion/answer) or, of a survey alone, its response rate."""
    survey, *names = wanted.of.split("/")
    if not names:
        key = {"survey_id": survey, "group_id": wanted.subject}
        if row := reading.row(cursor, wanted, "survey_response", key):
            return row | {"value": row["response_rate"], "unit": "of those asked", "rate": True}
    elif len(names) == 3:
        question, subquestion, answer = ("" if name == NONE else name for name in names)
        key = {
            "survey_id": survey, "question_code": question, "subquestion_code": subquestion,
            "answer_code": answer, "group_id": wanted.subject,
        }  # fmt: skip
        if row := reading.row(cursor, wanted, "survey_share", key):
            return row | {"value": row["share"], "unit": "share"}
    raise reading.absent(
        wanted, "a share is SURVEY/QUESTION/SUBQUESTION/ANSWER:GROUP with - for none, a response"
        " rate SURVEY:GROUP"
    )  # fmt: skip


def explained(cursor: Any, wanted: FigureId, metric: Row, row: Row) -> Row:
    cursor.execute(
        "select title, survey_year, responses, incomplete, repeated, without_organisation,"
        " imported_at from staging.stg_surveys__surveys where survey_id = %s",
        [row["survey_id"]],
    )
    files = [dict(found) for found in cursor.fetchall()]
    if "rate" in row:
        computed = row["responses"] / row["addressed"] if row["addressed"] else None
        cells: list[Row] = []
        extra = {"value": computed}
    else:
        cells = _cells(cursor, wanted, row)
        extra = _shares(cells)
    different = [
        f"{name} is published as {row[said]} and the answers give {extra[name]}"
        for name, said in (("value", "value"), ("unweighted", "unweighted_share"), ("n", "n"))
        if name in extra and not arithmetic.is_same(row[said], extra[name])
    ]
    return {
        "branches": [
            {"title": "Answers, by cell", "rows": cells},
            {"title": "The file as it was imported", "rows": files},
        ],
        "recomputed": extra,
        "recomputed_from": "the answers" if cells else "those asked",
        "different": different,
        "missing": [],
    }


def _cells(cursor: Any, wanted: FigureId, row: Row) -> list[Row]:
    """type_group_id, cell_id, weight of an answer, answers, chosen: of the types that are told."""
    cursor.execute(
        "select w.type_group_id, w.cell_id, w.weight, count(*) as answers,"
        " count(*) filter (where c.is_chosen) as chosen from intermediate.int_survey_choices as c"
        " inner join intermediate.int_survey_weights as w using (survey_id, organisation_id)"
        " where c.survey_id = %s and c.question_code = %s and c.subquestion_code = %s"
        " and c.answer_code = %s group by w.type_group_id, w.cell_id, w.weight"
        " order by w.type_group_id, w.cell_id, w.weight",
        [row["survey_id"], row["question_code"], row["subquestion_code"], row["answer_code"]],
    )
    cells = [dict(found) for found in cursor.fetchall()]
    by_type: dict[str, int] = {}
    for cell in cells:
        by_type[cell["type_group_id"]] = by_type.get(cell["type_group_id"], 0) + cell["answers"]
    least = row["parameters"]["least_answers_of_a_cell"]
    if wanted.subject == "all":
        # a type with fewer answers than that is not in the whole
        return [cell for cell in cells if by_type[cell["type_group_id"]] >= least]
    return [c for c in cells if wanted.subject in (c["type_group_id"], c["cell_id"])]


def _shares(cells: list[Row]) -> Row:
    weights = math.fsum(cell["weight"] * cell["answers"] for cell in cells)
    chosen = math.fsum(cell["weight"] * cell["chosen"] for cell in cells)
    n = sum(cell["answers"] for cell in cells)
    return {
        "value": chosen / weights if weights else None,
        "unweighted": sum(cell["chosen"] for cell in cells) / n if n else None,
        "n": n,
    }
