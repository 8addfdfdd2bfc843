{{ config(
    materialized='growing',
    meta={'open': {'kind': 'block', 'date': 'quarter_start'}}
) }}
{%- set cell = 'platform, metric_id, definition_id, period_kind, period_start, quarter_start, family,'
    ~ ' is_public' %}
-- The primary rules: what a group's figure would say of single organisations. A group is the sum of
-- its pieces, and the largest two of each are enough to know the group's largest two.
with added as (
    select
        groups.group_id,
        parts.{{ cell | replace(', ', ', parts.') }},
        parts.measure,
        parts.is_bounded,
        concat_ws('|', parts.region_group_id, parts.province_group_id, parts.size_group_id) as piece,
        tops.n,
        0 as n_movers,
        tops.total,
        tops.amount
    from {{ ref('fct_group_part') }} as parts
    cross join {{ groups_of('parts') }}
    cross join
        lateral (
            values (parts.largest, parts.n, parts.total), (parts.runner_up, 0, 0.0)
        ) as tops (amount, n, total)
    where groups.group_id is not null and {{ open('block', 'parts.quarter_start', 'parts') }}
    union all
    select
        movers.group_id,
        amounts.{{ cell | replace(', ', ', amounts.') }},
        amounts.measure,
        amounts.is_bounded,
        null as piece,
        0 as n,
        1 as n_movers,
        null as total,
        null as amount
    from {{ ref('fct_contribution') }} as amounts
    inner join {{ ref('dim_group_member') }} as members
        on
            amounts.organisation_id = members.organisation_id
            and amounts.as_of_on = members.as_of_on
    inner join {{ ref('int_group_movers') }} as movers
        on
            members.group_id = movers.group_id
            and members.organisation_id = movers.organisation_id
            and amounts.platform = movers.platform
            and amounts.quarter_start = movers.quarter_start
    where {{ open('block', 'amounts.period_start', 'amounts') }}
),

contributed as (
    select
        group_id,
        {{ cell }},
        bool_and(is_bounded) as is_bounded,
        sum(n) as n,
        sum(n_movers) as n_movers,
        sum(total order by piece) as total,
        (array_agg(amount order by amount desc nulls last))[1] as largest,
        (array_agg(amount order by amount desc nulls last))[2] as runner_up
    from added
    group by group_id, {{ cell }}, measure
),

judged as (
    select
        *,
        {{ is_too_few('n') }} as is_too_few,
        not is_bounded and {{ dominance_lack('total', 'largest', 'runner_up') }} > 0 as is_dominated,
        {{ is_too_few('n_movers') }} as is_moved
    from contributed
)

select
    group_id,
    {{ cell }},
    case
        when bool_or(is_too_few) then 'under_minimum'
        when bool_or(is_dominated) then 'dominance'
        else 'moved'
    end as suppression_reason
from judged
where is_too_few or is_dominated or is_moved
group by group_id, {{ cell }}
