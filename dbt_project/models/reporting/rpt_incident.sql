with spoken as (
    select
        facts.source,
        facts.incident_id,
        count(*) as bodies,
        count(facts.is_within_norm) as observed_bodies,
        count(facts.delay_minutes) as speaking_bodies,
        count(*) filter (where facts.is_within_norm) as bodies_within_norm,
        min(facts.delay_minutes) as first_delay_minutes,
        bool_and(facts.is_final or facts.missing_reason = 'no_account') as is_final
    from {{ ref('fct_incident_organisation') }} as facts
    group by facts.source, facts.incident_id
),

firsts as (
    select distinct on (source, incident_id)
        source,
        incident_id,
        organisation_id,
        first_platform,
        first_message_at
    from {{ ref('fct_incident_organisation') }}
    where delay_minutes is not null
    order by source, incident_id, delay_minutes, organisation_id
),

-- a partner on two platforms is one partner
amplified as (
    select
        source,
        incident_id,
        count(distinct organisation_id) as partners,
        count(distinct organisation_id) filter (where has_repeated) as amplifying_partners
    from {{ ref('int_incident_partners') }}
    group by source, incident_id
),

invented as (
    {{ invented() }}
)

select
    places.source,
    places.incident_id,
    places.country,
    places.municipality_id,
    municipalities.name_nl as municipality_name_nl,
    municipalities.name_en as municipality_name_en,
    places.area_basis,
    places.area_distance_km,
    places.incident_kind,
    kinds.name_nl as incident_kind_nl,
    kinds.name_en as incident_kind_en,
    places.scale_name,
    places.has_large_impact,
    spoken.bodies,
    spoken.observed_bodies,
    spoken.speaking_bodies,
    spoken.bodies_within_norm,
    spoken.first_delay_minutes,
    first_names.name_nl as first_organisation_name_nl,
    first_names.name_en as first_organisation_name_en,
    firsts.first_platform,
    amplified.partners,
    amplified.amplifying_partners,
    amplified.amplifying_partners::double precision / amplified.partners as amplification_share,
    {{ var('crisis_norm_minutes') }}::integer as norm_minutes,
    {{ var('crisis_window_hours') }}::integer as window_hours,
    case when spoken.is_final then 'final' else 'provisional' end as status,
    invented.is_synthetic,
    places.alarmed_at,
    firsts.first_message_at
from {{ ref('int_incident_places') }} as places
inner join spoken
    on places.source = spoken.source and places.incident_id = spoken.incident_id
cross join invented
inner join {{ ref('incident_kinds') }} as kinds on places.incident_kind = kinds.incident_kind
left join {{ ref('int_incident_names') }} as municipalities
    on
        places.source = municipalities.source
        and places.incident_id = municipalities.incident_id
        and places.municipality_id = municipalities.organisation_id
left join firsts
    on places.source = firsts.source and places.incident_id = firsts.incident_id
left join {{ ref('int_incident_names') }} as first_names
    on
        firsts.source = first_names.source
        and firsts.incident_id = first_names.incident_id
        and firsts.organisation_id = first_names.organisation_id
left join amplified
    on places.source = amplified.source and places.incident_id = amplified.incident_id
