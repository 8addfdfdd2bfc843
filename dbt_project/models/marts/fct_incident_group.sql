-- M34 of a type of organisation: how many of those that we watched spoke within the norm, over the
-- incidents with a large social impact. The interval is Wilson's at 95 %, of as many cases as those of
-- so many bodies are worth.
with cases as (
    select
        lower(names.country) || '-' || names.organisation_type as group_id,
        names.country,
        names.organisation_type,
        date_trunc('quarter', places.alarmed_on::timestamp)::date as period_start,
        facts.organisation_id,
        facts.is_within_norm,
        facts.delay_minutes,
        facts.is_final
    from {{ ref('fct_incident_organisation') }} as facts
    inner join {{ ref('int_incident_places') }} as places
        on facts.source = places.source and facts.incident_id = places.incident_id
    inner join {{ ref('int_incident_names') }} as names
        on
            facts.source = names.source
            and facts.incident_id = names.incident_id
            and facts.organisation_id = names.organisation_id
    where places.has_large_impact and places.incident_kind != 'exercise'
),

bodies as (
    select
        group_id,
        period_start,
        organisation_id,
        count(is_within_norm) as n_cases,
        count(*) filter (where is_within_norm) as within_norm
    from cases
    where is_within_norm is not null
    group by group_id, period_start, organisation_id
),

spreads as (
    select
        group_id,
        period_start,
        {{ body_sums('within_norm', 'n_cases') }}
    from bodies
    group by group_id, period_start
),

counted as (
    select
        group_id,
        country,
        organisation_type,
        period_start,
        count(is_within_norm) as n_cases,
        count(*) as n_all,
        count(distinct organisation_id) filter (where is_within_norm is not null) as n,
        count(*) filter (where is_within_norm) as within_norm,
        -- who stayed silent for as long as we watched spoke later than anybody
        percentile_cont(0.5) within group (
            order by case
                when delay_minutes is not null then delay_minutes
                when is_within_norm is not null then 'infinity'
            end
        ) as median_delay_minutes,
        bool_and(is_final) filter (where is_within_norm is not null) as is_final
    from cases
    group by group_id, country, organisation_type, period_start
),

shares as (
    select
        counted.*,
        spreads.bodies,
        spreads.part_squares,
        spreads.part_by_whole,
        spreads.whole_squares,
        counted.n < {{ var('minimum_group_size') }} as is_suppressed,
        counted.within_norm::double precision / nullif(counted.n_cases, 0) as share
    from counted
    left join spreads
        on counted.group_id = spreads.group_id and counted.period_start = spreads.period_start
),

collected as (
    select max(latest_scan_on) as latest_scan_on
    from {{ ref('int_platform_periods') }}
),

weighed as (
    select
        shares.*,
        collected.latest_scan_on,
        {{ effective_cases('n_cases', design_effect('share', 'n_cases'), 'bodies') }} as effective_cases
    from shares
    cross join collected
)

select
    group_id,
    country,
    organisation_type,
    'quarter'::text as period_kind,
    period_start,
    n,
    n_cases,
    n_all,
    case when not is_suppressed then share end as share_within_norm,
    case when not is_suppressed then {{ wilson('share', 'effective_cases', 'lower') }} end as lower_share,
    case when not is_suppressed then {{ wilson('share', 'effective_cases', 'upper') }} end as upper_share,
    -- none where half of them or more stayed silent
    case
        when not is_suppressed and median_delay_minutes < 'infinity' then median_delay_minutes
    end as median_delay_minutes,
    case
        when
            is_final
            -- a quarter that still runs can have another incident tomorrow
            and latest_scan_on >= period_start + interval '3 months'
            then 'final'
        else 'provisional'
    end as status,
    case
        when n = 0 then 'not_observed'
        when is_suppressed then 'suppressed'
    end as missing_reason
from weighed
