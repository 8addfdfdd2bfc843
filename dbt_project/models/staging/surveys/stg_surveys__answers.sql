select
    survey_id,
    organisation_id,
    question_code,
    subquestion_code,
    kind as answer_kind,
    question,
    subquestion,
    answer_code,
    label as answer_label,
    value,
    submitted_on
from {{ source('inputs', 'survey_answers') }}
