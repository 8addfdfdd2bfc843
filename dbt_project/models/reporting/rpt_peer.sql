-- Of the latest day alone: who is compared with whom now, and why.
with latest as (
    select max(as_of_on) as as_of_on from {{ ref('int_peer_days') }}
)

select
    members.owner_id as organisation_id,
    members.group_kind,
    members.place,
    members.organisation_id as peer_id,
    peers.name_nl as peer_name_nl,
    peers.name_en as peer_name_en,
    members.basis,
    neighbours.distance_km,
    alike.distance,
    members.group_id,
    members.as_of_on
from {{ ref('int_peer_members') }} as members
inner join latest on members.as_of_on = latest.as_of_on
inner join {{ ref('int_organisations_at') }} as peers
    on
        members.organisation_id = peers.organisation_id
        and members.as_of_on = peers.as_of_on
left join {{ ref('int_peer_neighbours') }} as neighbours
    on
        members.owner_id = neighbours.organisation_id
        and members.organisation_id = neighbours.peer_id
        and members.as_of_on = neighbours.as_of_on
        and members.group_kind = neighbours.group_kind
left join {{ ref('int_peer_similar') }} as alike
    on
        members.owner_id = alike.organisation_id
        and members.organisation_id = alike.peer_id
        and members.as_of_on = alike.as_of_on
        and members.group_kind = 'similar'
where members.owner_id is not null
