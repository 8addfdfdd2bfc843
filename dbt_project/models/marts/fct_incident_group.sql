-- M34 of a type of organisation: how many of those that we watched spoke within the norm, over the
-- incidents with a large social impact. The interval is Wilson's at 95 %.
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
        percentile_cont(0.5) within group (order by delay_minutes) as median_delay_minutes,
        bool_and(is_final) filter (where is_within_norm is not null) as is_final
    from cases
    group by group_id, country, organisation_type, period_start
),

shares as (
    select
        *,
        n < {{ var('minimum_group_size') }} as is_suppressed,
        within_norm::double precision / nullif(n_cases, 0) as share
    from counted
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
    case when not is_suppressed then {{ wilson('share', 'n_cases', 'lower') }} end as lower_share,
    case when not is_suppressed then {{ wilson('share', 'n_cases', 'upper') }} end as upper_share,
    case when not is_suppressed then median_delay_minutes end as median_delay_minutes,
    case when is_final then 'final' else 'provisional' end as status,
    case
        when n = 0 then 'not_observed'
        when is_suppressed then 'suppressed'
    end as missing_reason
from shares
