{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'period_start'}}
) }}
{%- set keys = ['account_id', 'period_kind', 'period_start', 'clock'] %}
-- Unanswered questions are neither forgotten nor given an invented time: they count for as long as
-- they were followed.
with cases as (
    {{ response_cases() }}
),

steps as (
    select
        {{ keys | join(", ") }},
        case when is_answered then hours else followed_hours end as hours,
        count(*) filter (where is_answered) as events,
        count(*) filter (where not is_answered) as censored
    from cases
    group by
        {{ keys | join(", ") }},
        case when is_answered then hours else followed_hours end
),

curve as (
    {{ kaplan_meier('steps', keys) }}
)

select
    {{ keys | join(", ") }},
    -- whoever is followed at all is at risk at the first step
    max(at_risk)::bigint as followed_questions,
    sum(events)::bigint as answered_questions,
    {{ half_time('survival') }} as median_hours,
    {{ half_time('survival_lower') }} as median_lower_hours,
    {{ half_time('survival_upper') }} as median_upper_hours
from curve
group by {{ keys | join(", ") }}
