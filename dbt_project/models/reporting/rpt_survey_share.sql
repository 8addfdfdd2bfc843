with invented as (
    {{ invented() }}
),

questions as (
    select distinct
        survey_id,
        question_code,
        subquestion_code,
        answer_code,
        answer_kind,
        question,
        subquestion,
        answer_label
    from {{ ref('int_survey_choices') }}
)

select
    shares.survey_id,
    surveys.title as survey_title,
    surveys.survey_year,
    shares.question_code,
    questions.question,
    questions.answer_kind,
    shares.subquestion_code,
    questions.subquestion,
    shares.answer_code,
    questions.answer_label,
    shares.group_kind,
    shares.group_id,
    groups.population_nl,
    groups.population_en,
    shares.metric_id,
    shares.basis,
    shares.share,
    shares.lower,
    shares.upper,
    shares.unweighted_share,
    shares.n,
    shares.n_population,
    shares.n_effective,
    shares.design_effect,
    shares.missing_reason,
    shares.parameters,
    definitions.definition_version,
    invented.is_synthetic
from {{ ref('fct_survey_share') }} as shares
inner join {{ ref('stg_surveys__surveys') }} as surveys on shares.survey_id = surveys.survey_id
inner join {{ ref('int_survey_groups') }} as groups
    on shares.survey_id = groups.survey_id and shares.group_id = groups.group_id
inner join questions
    on
        shares.survey_id = questions.survey_id
        and shares.question_code = questions.question_code
        and shares.subquestion_code = questions.subquestion_code
        and shares.answer_code = questions.answer_code
left join {{ ref('dim_definition') }} as definitions
    on shares.metric_id = definitions.metric_id and definitions.definition_id = 'klankbord'
cross join invented
