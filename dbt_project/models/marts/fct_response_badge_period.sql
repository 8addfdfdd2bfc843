{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'period_start'}}
) }}
select
    facts.account_id,
    facts.period_kind,
    facts.period_start,
    badges.definition_id,
    facts.questions >= badges.minimum_questions
    and facts.any_answered_questions >= badges.minimum_share * facts.questions
    and (
        badges.fastest_below_hours is null
        or facts.any_fastest_hours_sum
        < badges.fastest_below_hours * facts.any_fastest_questions
    ) as is_met
from {{ ref('fct_response_period') }} as facts
inner join {{ ref('response_badges') }} as badges on facts.period_kind = badges.period_kind
where facts.questions > 0 and {{ open('account', 'facts.period_start', 'facts') }}
