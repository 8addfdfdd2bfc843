{{ config(
    materialized='growing',
    indexes=[{'columns': ['territory_on', 'territory_id']}],
    meta={'open': {'kind': 'platform', 'date': 'period_start'}}
) }}
-- Figures of a day's bodies as those of another day's map, by the rules of territory_rules. Bodies that no
-- merger touched have none here: theirs are those of fct_metric.
with people as (
    select
        territories.territory_on,
        territories.as_of_on,
        territories.territory_id,
        -- the parts' own counts, all of them; else what was counted on the map's boundaries
        case
            when count(*) = count(parts.inhabitants) then sum(parts.inhabitants)
            else min(wholes.inhabitants)
        end::double precision as inhabitants,
        count(*)::integer as n_bodies
    from {{ ref('int_territory') }} as territories
    left join {{ ref('int_inhabitants_at') }} as parts
        on
            territories.organisation_id = parts.organisation_id
            and territories.as_of_on = parts.as_of_on
    left join {{ ref('int_inhabitants_at') }} as wholes
        on
            territories.territory_id = wholes.organisation_id
            and territories.as_of_on = wholes.as_of_on
    group by territories.territory_on, territories.as_of_on, territories.territory_id
),

-- a part without a number of inhabitants has no M05, and followers all the same
followers as (
    select
        periods.organisation_id,
        periods.platform,
        periods.period_kind,
        periods.period_start,
        audience.followers::double precision as followers
    from {{ ref('int_account_periods') }} as periods
    inner join {{ ref('fct_audience_period') }} as audience
        on
            periods.account_id = audience.account_id
            and periods.period_kind = audience.period_kind
            and periods.period_start = audience.period_start
),

parts as (
    select
        territories.territory_on,
        territories.as_of_on,
        territories.territory_id,
        coalesce(rules.rule, 'none') as rule,
        coalesce(rules.reason_code, case when rules.rule is null then 'no_rule' end)
            as reason_code,
        figures.organisation_id,
        figures.platform,
        figures.metric_id,
        figures.definition_id,
        figures.period_kind,
        figures.period_start,
        figures.value,
        figures.n_cases,
        figures.coverage,
        figures.access_tier,
        figures.status,
        figures.is_synthetic,
        case
            when figures.metric_id = 'M05' then followers.followers
            when rules.rule in ('any', 'count') then figures.value
            else figures.numerator
        end as numerator,
        figures.denominator,
        -- silence that was observed adds nothing; what was not observed could have added anything
        case
            when figures.metric_id = 'M05' then followers.followers is not null
            else figures.missing_reason is null or figures.missing_reason = 'not_applicable'
        end as is_known
    from {{ ref('int_territory') }} as territories
    inner join {{ ref('fct_metric') }} as figures
        on
            territories.organisation_id = figures.organisation_id
            and territories.as_of_on = figures.as_of_on
    left join {{ ref('territory_rules') }} as rules on figures.metric_id = rules.metric_id
    left join followers
        on
            figures.organisation_id = followers.organisation_id
            and figures.platform = followers.platform
            and figures.period_kind = followers.period_kind
            and figures.period_start = followers.period_start
    where {{ open('platform', 'figures.period_start', 'figures') }}
),

summed as (
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
    from parts
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
    inner join people
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
