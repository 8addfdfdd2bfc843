{{ config(
    materialized='growing',
    indexes=[{'columns': ['territory_on', 'territory_id']}],
    meta={'open': {'kind': 'platform', 'date': 'period_start'}}
) }}
-- Figures of a day's bodies as those of another day's map, by the rules of territory_rules. Bodies that no
-- merger touched have none here: theirs are those of fct_metric.
with summed as (
    select
        territory_on,
        as_of_on,
        territory_id,
        platform,
        metric_id,
        definition_id,
        period_kind,
        period_start,
        min(rule) as rule,
        min(reason_code) as reason_code,
        bool_and(is_known) as is_known,
        sum(numerator order by organisation_id) as numerator,
        sum(denominator order by organisation_id) as denominator,
        max(value) as most,
        sum(numerator / nullif(denominator, 0) order by organisation_id) as rate,
        case when min(denominator) = max(denominator) then min(denominator) end as same_days,
        sum(n_cases)::integer as n_cases,
        min(coverage) as coverage,
        min(access_tier) as access_tier,
        -- provisional sorts last
        max(status) as status,
        bool_or(is_synthetic) as is_synthetic,
        count(*)::integer as n_figures
    from {{ ref('fct_territory_part') }}
    group by
        territory_on, as_of_on, territory_id, platform, metric_id, definition_id, period_kind,
        period_start
),

valued as (
    select
        summed.*,
        people.inhabitants,
        people.n_bodies,
        metrics.scale,
        case
            when summed.rule = 'any' and summed.most = 1 then true
            else summed.is_known and summed.rule <> 'none'
        end as is_told
    from summed
    inner join {{ ref('int_territory_inhabitants') }} as people
        on
            summed.territory_on = people.territory_on
            and summed.as_of_on = people.as_of_on
            and summed.territory_id = people.territory_id
    inner join {{ ref('dim_metric') }} as metrics on summed.metric_id = metrics.metric_id
),

told as (
    select
        *,
        case
            when not is_told then null
            when rule = 'any' then most
            when rule = 'rate' then rate
            when rule = 'count' then numerator
            when rule = 'per_inhabitant' then scale * numerator / nullif(inhabitants, 0)
            else scale * numerator / nullif(denominator, 0)
        end as value
    from valued
)

select
    territory_on,
    territory_id,
    platform,
    metric_id,
    definition_id,
    period_kind,
    period_start,
    as_of_on,
    value,
    case when is_told and rule = 'any' then most when is_told then numerator end as numerator,
    case
        when not is_told then null
        when rule in ('any', 'count') then 1
        when rule = 'rate' then same_days
        when rule = 'per_inhabitant' then inhabitants
        else denominator
    end as denominator,
    n_cases,
    n_bodies,
    n_figures,
    inhabitants,
    coverage,
    access_tier,
    status,
    case
        when value is not null then null
        when rule = 'none' or (is_told and rule <> 'per_inhabitant') then 'not_applicable'
        else 'not_observed'
    end as missing_reason,
    reason_code,
    is_synthetic
from told
