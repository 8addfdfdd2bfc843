-- Whom an incident concerns: its municipality, the zones that it lay in on that day, the province
-- from the provincial phase on. Neighbouring municipalities may pass the message on: partners.
with zones as (
    select
        places.source,
        places.incident_id,
        memberships.organisation_id,
        organisations.organisation_type as body_role
    from {{ ref('int_incident_places') }} as places
    inner join {{ ref('stg_register__memberships') }} as memberships
        on
            places.municipality_id = memberships.member_id
            and {{ valid_on('memberships', 'places.alarmed_on') }}
    inner join {{ ref('stg_register__organisations') }} as organisations
        on
            memberships.organisation_id = organisations.organisation_id
            and {{ valid_on('organisations', 'places.alarmed_on') }}
    where
        organisations.organisation_type
        in ('police_zone', 'police_unit', 'emergency_zone', 'safety_region')
        or (
            organisations.organisation_type = 'province'
            and places.scale_system = 'be_phase'
            and places.scale_level >= 2
        )
),

-- by distance between municipalities, once for each municipality and day, not for each incident
distances as (
    select
        here.municipality_id,
        here.alarmed_on,
        there.organisation_id,
        {{ distance_km(
            'own.latitude', 'own.longitude', 'there.latitude', 'there.longitude'
        ) }} as distance_km
    from (
        select distinct
            municipality_id,
            country,
            alarmed_on
        from {{ ref('int_incident_places') }}
    ) as here
    inner join {{ ref('stg_incidents__places') }} as own
        on here.municipality_id = own.organisation_id and {{ valid_on('own', 'here.alarmed_on') }}
    inner join {{ ref('stg_incidents__places') }} as there
        on
            here.country = there.country
            and own.organisation_id != there.organisation_id
            and {{ valid_on('there', 'here.alarmed_on') }}
),

neighbours as (
    select
        *,
        row_number() over (
            partition by municipality_id, alarmed_on order by distance_km, organisation_id
        ) as place
    from distances
    where distance_km <= {{ var('crisis_neighbour_km') }}
),

bodies as (
    select
        source,
        incident_id,
        municipality_id as organisation_id,
        'municipality' as body_role
    from {{ ref('int_incident_places') }}
    union all
    select * from zones
    union all
    select
        places.source,
        places.incident_id,
        neighbours.organisation_id,
        'neighbour' as body_role
    from {{ ref('int_incident_places') }} as places
    inner join neighbours
        on
            places.municipality_id = neighbours.municipality_id
            and places.alarmed_on = neighbours.alarmed_on
    where neighbours.place <= {{ var('crisis_neighbours') }}
)

select
    bodies.source,
    bodies.incident_id,
    bodies.organisation_id,
    bodies.body_role,
    bodies.body_role != 'neighbour' as is_concerned,
    places.municipality_id,
    places.incident_kind,
    places.area_confidence,
    places.alarmed_on,
    places.alarmed_at
from bodies
inner join {{ ref('int_incident_places') }} as places
    on bodies.source = places.source and bodies.incident_id = places.incident_id
