with quarters as (
    select
        period_start,
        max(last_on) as as_of_on
    from {{ ref('int_platform_periods') }}
    where period_kind = 'quarter'
    group by period_start
),

rows_wanted as (
    select
        organisations.organisation_id,
        quarters.period_start,
        quarters.as_of_on,
        rules.*
    from quarters
    inner join {{ ref('dim_organisation') }} as organisations
        on quarters.as_of_on = organisations.as_of_on
    cross join {{ ref('maturity_rules') }} as rules
),

-- an answer speaks for the year of its survey and the one after it
answers as (
    select distinct on (choices.organisation_id, evidence.rule_id, quarters.period_start)
        choices.organisation_id,
        evidence.rule_id,
        quarters.period_start,
        choices.survey_id,
        choices.is_chosen
    from {{ ref('maturity_survey') }} as evidence
    inner join {{ ref('int_survey_choices') }} as choices
        on
            evidence.survey_id = choices.survey_id
            and evidence.question_code = choices.question_code
            and coalesce(evidence.subquestion_code, '') = choices.subquestion_code
            and coalesce(evidence.answer_code, '') = choices.answer_code
    inner join {{ ref('stg_surveys__surveys') }} as surveys
        on choices.survey_id = surveys.survey_id
    inner join quarters
        on extract(year from quarters.period_start) - surveys.survey_year in (0, 1)
    where evidence.is_named_agreed
    order by
        choices.organisation_id, evidence.rule_id, quarters.period_start,
        surveys.survey_year desc, choices.survey_id desc
),

counted as (
    select
        rows_wanted.*,
        measures.value,
        measures.n_months,
        measures.n_cases,
        measures.platforms,
        measures.is_final,
        measures.is_synthetic,
        answers.survey_id,
        answers.is_chosen,
        case
            when measures.rule_id is null then 'no_account'
            when measures.value is null then coalesce(measures.missing_reason, 'not_applicable')
            when measures.n_months < rows_wanted.min_months then 'too_few_periods'
            when measures.n_cases < rows_wanted.min_cases then 'too_few_cases'
        end as missing_reason
    from rows_wanted
    left join {{ ref('fct_maturity_measure') }} as measures
        on
            rows_wanted.organisation_id = measures.organisation_id
            and rows_wanted.period_start = measures.period_start
            and rows_wanted.rule_id = measures.rule_id
    left join answers
        on
            rows_wanted.organisation_id = answers.organisation_id
            and rows_wanted.period_start = answers.period_start
            and rows_wanted.rule_id = answers.rule_id
),

judged as (
    select
        *,
        case
            when missing_reason is not null then null
            when comparison = '>' then value > threshold
            else value >= threshold
        end as is_met
    from counted
),

weighed as (
    select
        *,
        case
            when survey_use = 'adds' then is_chosen is true and is_met is not true
            else is_chosen is not null and is_met is null
        end as is_by_survey
    from judged
)

select
    organisation_id,
    period_start,
    rule_id,
    phase,
    metric_id,
    as_of_on,
    case when is_by_survey then 'survey' else 'census' end as basis,
    comparison,
    threshold,
    case when not is_by_survey then value when is_chosen then 1 else 0 end as value,
    case case when is_by_survey then is_chosen else is_met end
        when true then 'met' when false then 'not_met' else 'unknown'
    end as state,
    case when not is_by_survey and is_met is null then missing_reason end as missing_reason,
    n_months,
    n_cases,
    platforms,
    case when is_by_survey then survey_id end as survey_id,
    coalesce(is_final, true) and as_of_on >= (period_start + interval '3 months')::date - 1
        as is_final,
    coalesce(is_synthetic, false) as is_synthetic,
    definition_version
from weighed
