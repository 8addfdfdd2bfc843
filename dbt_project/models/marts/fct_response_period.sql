{{ config(meta={'distributed_by': 'account_id'}) }}
select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    count(questions.question_id) as questions,
    count(*) filter (where questions.is_closed) as closed_questions,
    count(*) filter (where questions.is_answered) as answered_questions,
    -- in one order: the last digit of a sum depends on it
    sum(questions.response_hours order by questions.question_id)
    filter (where questions.is_answered) as response_hours_sum,
    percentile_cont(0.5) within group (
        order by questions.response_hours
    ) filter (where questions.is_answered) as response_hours_median
from {{ ref('int_account_periods') }} as periods
left join {{ ref('fct_question') }} as questions
    on
        periods.account_id = questions.account_id
        and questions.created_on between periods.period_start and periods.period_end
group by periods.account_id, periods.period_kind, periods.period_start
