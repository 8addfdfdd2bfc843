-- The nearest by distance between centres, for the register knows no borders; where somebody declared
-- a body's neighbours, those are its neighbours instead.
with bounded as (
    select distinct
        as_of_on,
        organisation_id,
        group_kind
    from {{ ref('int_peer_borders') }}
),

chosen as (
    select
        as_of_on,
        organisation_id,
        group_kind,
        peer_id,
        distance_km,
        'border' as basis
    from {{ ref('int_peer_borders') }}
    union all
    select
        nearest.as_of_on,
        nearest.organisation_id,
        nearest.group_kind,
        nearest.peer_id,
        nearest.distance_km,
        'distance' as basis
    from {{ ref('int_peer_nearest') }} as nearest
    left join bounded
        on
            nearest.as_of_on = bounded.as_of_on
            and nearest.organisation_id = bounded.organisation_id
            and nearest.group_kind = bounded.group_kind
    where bounded.organisation_id is null
)

select
    as_of_on,
    organisation_id,
    group_kind,
    peer_id,
    (row_number() over (
        partition by as_of_on, organisation_id, group_kind order by distance_km, peer_id
    ))::integer as place,
    basis,
    distance_km
from chosen
