{{ config(
    materialized='growing',
    meta={'open': {'kind': 'platform', 'date': 'period_start'}},
    post_hook="{{ forget_past_changes() }}"
) }}
-- For each period, the figures of the same period a year before, of the bodies as they are now: parts
-- that merged in between are told together, as far as the map of the merger tells them.
with years as (
    select
        now.platform,
        now.period_kind,
        now.period_start,
        now.last_on,
        ago.period_start as before_start,
        ago.last_on as before_on
    from {{ ref('int_platform_periods') }} as now
    inner join {{ ref('int_platform_periods') }} as ago
        on
            now.platform = ago.platform
            and now.period_kind = ago.period_kind
            and ago.period_start = (now.period_start - interval '1 year')::date
    where {{ told_as_change('now') }} and {{ open('platform', 'now.period_start', 'now') }}
),

-- the map in force now, where it was drawn after the year before
mapped as (
    select
        years.*,
        max(maps.territory_on) as territory_on
    from years
    left join {{ ref('territories') }} as maps
        on years.before_on < maps.territory_on and years.last_on >= maps.territory_on
    group by
        years.platform, years.period_kind, years.period_start, years.last_on, years.before_start,
        years.before_on
),

figures as (
    select
        mapped.platform,
        mapped.period_kind,
        mapped.period_start,
        mapped.last_on,
        mapped.before_start,
        mapped.before_on,
        before.organisation_id,
        before.metric_id,
        false as is_merged,
        before.value,
        before.lower,
        before.upper,
        before.numerator,
        before.denominator,
        before.n_cases,
        before.missing_reason,
        before.is_synthetic
    from mapped
    inner join {{ ref('fct_metric') }} as before
        on
            mapped.platform = before.platform
            and mapped.period_kind = before.period_kind
            and mapped.before_start = before.period_start
    left join {{ ref('int_territory') }} as territories
        on
            mapped.territory_on = territories.territory_on
            and mapped.before_on = territories.as_of_on
            and before.organisation_id = territories.organisation_id
    where before.definition_id = 'klankbord' and territories.territory_id is null
    union all
    select
        mapped.platform,
        mapped.period_kind,
        mapped.period_start,
        mapped.last_on,
        mapped.before_start,
        mapped.before_on,
        territories.organisation_id,
        before.metric_id,
        true as is_merged,
        before.value,
        null as lower,
        null as upper,
        before.numerator,
        before.denominator,
        before.n_cases,
        before.missing_reason,
        before.is_synthetic
    from mapped
    inner join {{ ref('fct_territory_metric') }} as before
        on
            mapped.territory_on = before.territory_on
            and mapped.before_on = before.as_of_on
            and mapped.platform = before.platform
            and mapped.period_kind = before.period_kind
            and mapped.before_start = before.period_start
    inner join {{ ref('dim_territory') }} as territories
        on
            before.territory_on = territories.territory_on
            and before.territory_id = territories.territory_id
    where before.definition_id = 'klankbord' and territories.organisation_id is not null
)

select * from figures
