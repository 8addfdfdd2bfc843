-- A box is ticked or not; of a question with one answer each answer that anybody gave is a yes or no
-- of everybody who answered it. Scales and numbers have no share, and a text only its length.
with options as (
    select
        survey_id,
        question_code,
        subquestion_code,
        answer_code,
        -- one label a code: the mapping's
        min(answer_label) as answer_label
    from {{ ref('stg_surveys__answers') }}
    where answer_kind = 'single'
    group by survey_id, question_code, subquestion_code, answer_code
)

select
    survey_id,
    organisation_id,
    question_code,
    subquestion_code,
    '' as answer_code,
    answer_kind,
    question,
    subquestion,
    null as answer_label,
    value = 1 as is_chosen
from {{ ref('stg_surveys__answers') }}
where answer_kind = 'multiple'
union all
select
    answers.survey_id,
    answers.organisation_id,
    answers.question_code,
    answers.subquestion_code,
    options.answer_code,
    answers.answer_kind,
    answers.question,
    answers.subquestion,
    options.answer_label,
    answers.answer_code = options.answer_code as is_chosen
from {{ ref('stg_surveys__answers') }} as answers
inner join options
    on
        answers.survey_id = options.survey_id
        and answers.question_code = options.question_code
        and answers.subquestion_code = options.subquestion_code
where answers.answer_kind = 'single'
