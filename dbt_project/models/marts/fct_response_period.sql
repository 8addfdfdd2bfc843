{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'period_start'}}
) }}
{%- set keys = ['account_id', 'period_kind', 'period_start'] %}
with counted as (
    select
        periods.account_id,
        periods.period_kind,
        periods.period_start,
        count(questions.question_id) as questions,
        count(*) filter (where questions.is_closed) as closed_questions,
        count(*) filter (where questions.is_answered) as answered_questions,
        count(*) filter (
            where questions.is_answered and questions.open_response_hours is not null
        ) as open_answered_questions,
        count(questions.response_hours) as any_answered_questions,
        -- in the order of time: a sum of it comes out the same at each build
        array_agg(questions.response_hours order by questions.response_hours)
        filter (where questions.is_answered) as hours,
        array_agg(questions.open_response_hours order by questions.open_response_hours)
        filter (where questions.is_answered and questions.open_response_hours is not null)
            as open_hours,
        -- whenever it came, also to a question that is not closed: how some vendors count
        array_agg(questions.response_hours order by questions.response_hours)
        filter (where questions.response_hours is not null) as any_hours
    from {{ ref('int_account_periods') }} as periods
    left join {{ ref('fct_question') }} as questions
        on
            periods.account_id = questions.account_id
            and questions.created_on between periods.period_start and periods.period_end
            and {{ open('account', 'questions.created_on', 'questions') }}
    where {{ open('account', 'periods.period_start', 'periods') }}
    group by periods.account_id, periods.period_kind, periods.period_start
),

survival as (
    select
        {{ keys | join(", ") }},
        max(followed_questions) filter (where clock = 'calendar') as followed_questions,
        max(median_hours) filter (where clock = 'calendar') as censored_median,
        max(median_lower_hours) filter (where clock = 'calendar') as censored_median_lower,
        max(median_upper_hours) filter (where clock = 'calendar') as censored_median_upper,
        max(followed_questions) filter (where clock = 'opening_hours') as open_followed_questions,
        max(median_hours) filter (where clock = 'opening_hours') as open_censored_median,
        max(median_lower_hours) filter (where clock = 'opening_hours')
            as open_censored_median_lower,
        max(median_upper_hours) filter (where clock = 'opening_hours')
            as open_censored_median_upper
    from {{ ref('fct_response_median_period') }}
    where {{ open('account', 'period_start') }}
    group by {{ keys | join(", ") }}
)

select
    counted.account_id,
    counted.period_kind,
    counted.period_start,
    counted.questions,
    counted.closed_questions,
    counted.answered_questions,
    {{ sum_of_first('counted.hours', 'counted.answered_questions') }} as response_hours_sum,
    {{ middle_of('counted.hours') }} as response_hours_median,
    {{ median_bound('counted.hours', 'lower') }} as response_hours_median_lower,
    {{ median_bound('counted.hours', 'upper') }} as response_hours_median_upper,
    -- nine in ten, rounded up
    (9 * counted.answered_questions + 9) / 10 as fastest_questions,
    {{ sum_of_first('counted.hours', '(9 * counted.answered_questions + 9) / 10') }}
        as fastest_hours_sum,
    counted.open_answered_questions,
    {{ sum_of_first('counted.open_hours', 'counted.open_answered_questions') }} as open_hours_sum,
    {{ middle_of('counted.open_hours') }} as open_hours_median,
    {{ median_bound('counted.open_hours', 'lower') }} as open_hours_median_lower,
    {{ median_bound('counted.open_hours', 'upper') }} as open_hours_median_upper,
    -- no row at all: a count of none
    greatest(0, survival.followed_questions) as followed_questions,
    survival.censored_median,
    survival.censored_median_lower,
    survival.censored_median_upper,
    greatest(0, survival.open_followed_questions) as open_followed_questions,
    survival.open_censored_median,
    survival.open_censored_median_lower,
    survival.open_censored_median_upper,
    counted.any_answered_questions,
    {{ sum_of_first('counted.any_hours', 'counted.any_answered_questions') }} as any_hours_sum,
    {{ middle_of('counted.any_hours') }} as any_hours_median,
    (9 * counted.any_answered_questions + 9) / 10 as any_fastest_questions,
    {{ sum_of_first('counted.any_hours', '(9 * counted.any_answered_questions + 9) / 10') }}
        as any_fastest_hours_sum
from counted
left join survival
    on
        counted.account_id = survival.account_id
        and counted.period_kind = survival.period_kind
        and counted.period_start = survival.period_start
