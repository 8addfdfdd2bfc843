{{ config(materialized='ephemeral') }}
-- Body by body: sorting all pairs of bodies at once took five times as long.
select
    ours.as_of_on,
    ours.organisation_id,
    kinds.group_kind,
    nearest.peer_id,
    nearest.distance_km
from {{ ref('int_peer_places') }} as ours
cross join {{ neighbour_kinds() }}
cross join lateral (
    select
        theirs.organisation_id as peer_id,
        {{ distance_to_the_metre('ours', 'theirs') }} as distance_km
    from {{ ref('int_peer_places') }} as theirs
    where
        ours.as_of_on = theirs.as_of_on
        and ours.organisation_type = theirs.organisation_type
        and ours.organisation_id <> theirs.organisation_id
        and (ours.country = theirs.country or not kinds.is_domestic_only)
    order by distance_km, peer_id
    limit {{ var("neighbour_count") }}
) as nearest
