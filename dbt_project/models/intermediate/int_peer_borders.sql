{{ config(materialized='ephemeral') }}
with days as (
    select distinct as_of_on from {{ ref('int_peer_days') }}
),

sides as (
    select
        organisation_id,
        neighbour_id,
        valid_from,
        valid_to
    from {{ ref('stg_register__adjacency') }}
    union
    select
        neighbour_id as organisation_id,
        organisation_id as neighbour_id,
        valid_from,
        valid_to
    from {{ ref('stg_register__adjacency') }}
)

select distinct
    days.as_of_on,
    sides.organisation_id,
    kinds.group_kind,
    sides.neighbour_id as peer_id,
    -- least() passes over a NULL: without a place the distance would be half around the earth
    case
        when there.organisation_id is not null then {{ distance_to_the_metre('here', 'there') }}
    end as distance_km
from sides
inner join days on {{ valid_on('sides', 'days.as_of_on') }}
inner join {{ ref('int_organisations_at') }} as ours
    on sides.organisation_id = ours.organisation_id and days.as_of_on = ours.as_of_on
inner join {{ ref('int_organisations_at') }} as theirs
    on sides.neighbour_id = theirs.organisation_id and days.as_of_on = theirs.as_of_on
inner join {{ neighbour_kinds() }}
    on ours.country = theirs.country or not kinds.is_domestic_only
left join {{ ref('int_peer_places') }} as here
    on sides.organisation_id = here.organisation_id and days.as_of_on = here.as_of_on
left join {{ ref('int_peer_places') }} as there
    on
        sides.neighbour_id = there.organisation_id
        and days.as_of_on = there.as_of_on
        and here.organisation_type = there.organisation_type
