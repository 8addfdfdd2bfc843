{{ config(
    materialized='growing',
    meta={'open': {'kind': 'block', 'date': 'quarter_start'}}
) }}
-- The primary rules: what a group's figure would say of single organisations.
with days as (
    select distinct
        platform,
        date_trunc('quarter', period_start)::date as quarter_start,
        last_on
    from {{ ref('int_platform_periods') }}
    where {{ open('block', 'period_start') }}
),

counted as (
    select
        platform,
        quarter_start,
        count(*) as n
    from days
    group by platform, quarter_start
),

-- who was in a group on one of the last days of a quarter's periods and not on another
movers as (
    select
        days.platform,
        days.quarter_start,
        members.group_id,
        members.organisation_id
    from days
    inner join {{ ref('dim_group_member') }} as members on days.last_on = members.as_of_on
    inner join counted
        on days.platform = counted.platform and days.quarter_start = counted.quarter_start
    group by
        days.platform, days.quarter_start, members.group_id, members.organisation_id, counted.n
    having count(*) < counted.n
),

contributed as (
    select
        members.group_id,
        amounts.platform,
        amounts.metric_id,
        amounts.definition_id,
        amounts.period_kind,
        amounts.period_start,
        amounts.quarter_start,
        amounts.family,
        amounts.is_public,
        amounts.measure,
        bool_and(amounts.is_bounded) as is_bounded,
        count(*) as n,
        count(movers.organisation_id) as n_movers,
        sum(amounts.amount order by amounts.organisation_id) as total,
        (array_agg(amounts.amount order by amounts.amount desc))[1] as largest,
        (array_agg(amounts.amount order by amounts.amount desc))[2] as runner_up
    from {{ ref('fct_contribution') }} as amounts
    inner join {{ ref('dim_group_member') }} as members
        on
            amounts.organisation_id = members.organisation_id
            and amounts.as_of_on = members.as_of_on
    left join movers
        on
            members.group_id = movers.group_id
            and members.organisation_id = movers.organisation_id
            and amounts.platform = movers.platform
            and amounts.quarter_start = movers.quarter_start
    where {{ open('block', 'amounts.period_start', 'amounts') }}
    group by
        members.group_id, amounts.platform, amounts.metric_id, amounts.definition_id,
        amounts.period_kind, amounts.period_start, amounts.quarter_start, amounts.family,
        amounts.is_public, amounts.measure
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
    platform,
    metric_id,
    definition_id,
    period_kind,
    period_start,
    quarter_start,
    family,
    is_public,
    case
        when bool_or(is_too_few) then 'under_minimum'
        when bool_or(is_dominated) then 'dominance'
        else 'moved'
    end as suppression_reason
from judged
where is_too_few or is_dominated or is_moved
group by
    group_id, platform, metric_id, definition_id, period_kind, period_start, quarter_start, family,
    is_public
