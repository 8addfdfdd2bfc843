-- Where each incident was: the municipality that its log names, else the one whose point is nearest
-- to the incident's. The farther, the less sure.
with nearest as (
    select distinct on (incidents.source, incidents.incident_id)
        incidents.source,
        incidents.incident_id,
        places.organisation_id,
        {{ distance_km(
            'incidents.latitude', 'incidents.longitude', 'places.latitude', 'places.longitude'
        ) }} as distance_km
    from {{ ref('stg_incidents__incidents') }} as incidents
    inner join {{ ref('stg_incidents__places') }} as places
        on
            incidents.country = places.country
            and {{ valid_on('places', local_date('incidents.alarmed_at')) }}
    where
        incidents.organisation_id is null
        and incidents.latitude is not null
        and places.latitude is not null
    order by incidents.source, incidents.incident_id, distance_km, places.organisation_id
)

select
    incidents.source,
    incidents.incident_id,
    coalesce(incidents.organisation_id, nearest.organisation_id) as municipality_id,
    case when incidents.organisation_id is not null then 'log' else 'nearest' end as area_basis,
    nearest.distance_km as area_distance_km,
    case
        when incidents.organisation_id is not null then 1
        else round(greatest(0.3, 0.9 - 0.05 * nearest.distance_km)::numeric, 2)
    end::double precision as area_confidence,
    incidents.country,
    incidents.incident_kind,
    incidents.scale_system,
    incidents.scale_name,
    incidents.scale_level,
    incidents.has_large_impact,
    incidents.alarmed_at,
    {{ local_date('incidents.alarmed_at') }} as alarmed_on
from {{ ref('stg_incidents__incidents') }} as incidents
left join nearest
    on incidents.source = nearest.source and incidents.incident_id = nearest.incident_id
where coalesce(incidents.organisation_id, nearest.organisation_id) is not null
