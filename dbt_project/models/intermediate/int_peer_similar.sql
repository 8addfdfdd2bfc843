-- The nearest in standardised variables, of one's own type and country: the root of the weighted mean
-- of the squared distances. Who lacks a variable that its type has is alike to nobody.
with weighted as (
    select * from {{ ref('int_peer_variables') }}
    where weight > 0
),

needed as (
    select
        as_of_on,
        country,
        organisation_type,
        count(distinct variable) as variables
    from weighted
    group by as_of_on, country, organisation_type
),

bodies as (
    select
        as_of_on,
        organisation_id,
        country,
        organisation_type,
        max(score * sqrt(weight)) filter (where variable = 'inhabitants') as inhabitants,
        max(score * sqrt(weight)) filter (where variable = 'members') as members,
        max(score * sqrt(weight)) filter (where variable = 'latitude') as latitude,
        max(score * sqrt(weight)) filter (where variable = 'longitude') as longitude,
        max(score * sqrt(weight)) filter (where variable = 'platforms') as platforms,
        max(code) filter (where variable = 'region') as region,
        max(weight) filter (where variable = 'region') as region_weight,
        max(code) filter (where variable = 'province') as province,
        max(weight) filter (where variable = 'province') as province_weight,
        sum(weight order by variable) as weight,
        count(*) as variables
    from weighted
    group by as_of_on, organisation_id, country, organisation_type
),

known as (
    select bodies.*
    from bodies
    inner join needed
        on
            bodies.as_of_on = needed.as_of_on
            and bodies.country = needed.country
            and bodies.organisation_type = needed.organisation_type
            and bodies.variables = needed.variables
),

distances as (
    select
        ours.as_of_on,
        ours.organisation_id,
        theirs.organisation_id as peer_id,
        {{ square_between('inhabitants') }}
        + {{ square_between('members') }}
        + {{ square_between('latitude') }}
        + {{ square_between('longitude') }}
        + {{ square_between('platforms') }}
        + case when ours.region <> theirs.region then ours.region_weight else 0 end
        + case when ours.province <> theirs.province then ours.province_weight else 0 end
            as squares,
        ours.weight
    from known as ours
    inner join known as theirs
        on
            ours.as_of_on = theirs.as_of_on
            and ours.country = theirs.country
            and ours.organisation_type = theirs.organisation_type
            and ours.organisation_id <> theirs.organisation_id
),

rounded as (
    select
        as_of_on,
        organisation_id,
        peer_id,
        -- what is as far is as far on every machine
        round(sqrt(squares / weight)::numeric, 9) as distance
    from distances
),

ranked as (
    select
        *,
        row_number() over (
            partition by as_of_on, organisation_id order by distance, peer_id
        ) as place
    from rounded
)

select
    as_of_on,
    organisation_id,
    peer_id,
    place::integer as place,
    distance::double precision as distance
from ranked
where place <= {{ var("similar_count") }}
