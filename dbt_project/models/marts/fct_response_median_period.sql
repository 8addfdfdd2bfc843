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
),

halved as (
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
),

silences as (
    select
        {{ keys | join(", ") }},
        count(*) filter (where is_left) as left_questions
    from cases
    group by {{ keys | join(", ") }}
),

reached as (
    select
        halved.*,
        silences.left_questions,
        -- more than half are left, and of one at least it is known to the end
        halved.median_hours is null and silences.left_questions > 0 as is_beyond_window
    from halved
    inner join silences
        on
            {% for key in keys -%}
                {{ "and " if not loop.first }}halved.{{ key }} = silences.{{ key }}
            {% endfor %}
)

select
    {{ keys | join(", ") }},
    followed_questions,
    answered_questions,
    left_questions,
    is_beyond_window,
    -- no opening hours outlast the window: on either clock the longest of all
    case when is_beyond_window then {{ var("window_hours") }} else median_hours end as median_hours,
    case
        when not is_beyond_window or median_lower_hours is not null then median_lower_hours
        -- of a few that were left, as many others might have been answered
        when answered_questions > 0 or {{ wilson('0', 'left_questions', 'upper') }} < 0.5
            then {{ var("window_hours") }}
    end as median_lower_hours,
    median_upper_hours
from reached
