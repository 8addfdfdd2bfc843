-- The nearest by distance between centres, for the register knows no borders; where somebody declared
-- a body's neighbours, those are its neighbours instead.
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
),

declared as (
    select distinct
        days.as_of_on,
        sides.organisation_id,
        sides.neighbour_id as peer_id,
        ours.country = theirs.country as is_domestic
    from sides
    inner join days on {{ valid_on('sides', 'days.as_of_on') }}
    inner join {{ ref('int_organisations_at') }} as ours
        on sides.organisation_id = ours.organisation_id and days.as_of_on = ours.as_of_on
    inner join {{ ref('int_organisations_at') }} as theirs
        on sides.neighbour_id = theirs.organisation_id and days.as_of_on = theirs.as_of_on
),

distances as (
    select
        ours.as_of_on,
        ours.organisation_id,
        theirs.organisation_id as peer_id,
        ours.country = theirs.country as is_domestic,
        -- to the metre: what is as far is as far on every machine
        round(
            {{ distance_km(
                'ours.latitude', 'ours.longitude', 'theirs.latitude', 'theirs.longitude'
            ) }}::numeric,
            3
        ) as distance_km
    from {{ ref('int_peer_places') }} as ours
    inner join {{ ref('int_peer_places') }} as theirs
        on
            ours.as_of_on = theirs.as_of_on
            and ours.organisation_type = theirs.organisation_type
            and ours.organisation_id <> theirs.organisation_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by as_of_on, organisation_id, is_domestic order by distance_km, peer_id
        ) as domestic_place,
        row_number() over (
            partition by as_of_on, organisation_id order by distance_km, peer_id
        ) as place
    from distances
),

nearest as (
    select
        as_of_on,
        organisation_id,
        peer_id,
        'neighbours' as group_kind,
        distance_km
    from ranked
    where is_domestic and domestic_place <= {{ var("neighbour_count") }}
    union all
    select
        as_of_on,
        organisation_id,
        peer_id,
        'neighbours_across' as group_kind,
        distance_km
    from ranked
    where place <= {{ var("neighbour_count") }}
),

bordering as (
    select
        declared.as_of_on,
        declared.organisation_id,
        declared.peer_id,
        kinds.group_kind,
        distances.distance_km
    from declared
    inner join
        (values ('neighbours', true), ('neighbours_across', false)) as kinds (
            group_kind, is_domestic_only
        )
        on declared.is_domestic or not kinds.is_domestic_only
    left join distances
        on
            declared.as_of_on = distances.as_of_on
            and declared.organisation_id = distances.organisation_id
            and declared.peer_id = distances.peer_id
),

bounded as (
    select distinct
        as_of_on,
        organisation_id,
        group_kind
    from bordering
),

chosen as (
    select
        *,
        'border' as basis
    from bordering
    union all
    select
        nearest.*,
        'distance' as basis
    from nearest
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
    distance_km::double precision as distance_km
from chosen
