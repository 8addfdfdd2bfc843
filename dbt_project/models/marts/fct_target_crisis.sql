-- M34 for targets: the middle delay of the large incidents of 365 days that concerned a body. A silence
-- that we watched comes after every message; where that is the middle there is no number of minutes.
with bodies as (
    select distinct organisation_id
    from {{ ref('int_target_definitions') }}
    where series = 'first_message'
),

months as (
    select
        period_start,
        max(last_on) as as_of_on
    from {{ ref('int_platform_periods') }}
    where period_kind = 'month'
    group by period_start
),

incidents as (
    select
        answers.organisation_id,
        places.alarmed_on,
        answers.is_final,
        case
            when answers.delay_minutes is not null then answers.delay_minutes
            when answers.missing_reason = 'no_message' then 'Infinity'
        end::double precision as delay
    from {{ ref('fct_incident_organisation') }} as answers
    inner join {{ ref('int_incident_places') }} as places
        on answers.source = places.source and answers.incident_id = places.incident_id
    where places.has_large_impact and places.incident_kind <> 'exercise'
),

middles as (
    select
        bodies.organisation_id,
        months.period_start,
        months.as_of_on,
        count(incidents.organisation_id) as incidents,
        count(incidents.delay) as n_cases,
        percentile_disc(0.5) within group (order by incidents.delay) as middle,
        coalesce(bool_and(incidents.is_final), true) as is_final
    from bodies
    cross join months
    left join incidents
        on
            bodies.organisation_id = incidents.organisation_id
            and incidents.alarmed_on between months.as_of_on - 364 and months.as_of_on
    group by bodies.organisation_id, months.period_start, months.as_of_on
)

select
    organisation_id,
    period_start,
    as_of_on,
    case when middle < 'Infinity' then middle end as value,
    n_cases::integer as n_cases,
    case
        when middle < 'Infinity' then null
        when middle is not null then 'mostly_silent'
        when incidents = 0 then 'not_applicable'
        else 'not_observed'
    end as missing_reason,
    is_final
from middles
