-- Who makes up whom on another day's map. Only bodies that a merger or a split touched between the two
-- days have rows; all others are themselves on either. Bodies of the map that share a body of the day
-- can only be told together.
with recursive together as (
    select
        territory_on,
        as_of_on,
        map_id as first_id,
        map_id
    from {{ ref('int_territory_links') }}
    union
    select
        together.territory_on,
        together.as_of_on,
        together.first_id,
        others.map_id
    from together
    inner join {{ ref('int_territory_links') }} as links
        on
            together.territory_on = links.territory_on
            and together.as_of_on = links.as_of_on
            and together.map_id = links.map_id
    inner join {{ ref('int_territory_links') }} as others
        on
            links.territory_on = others.territory_on
            and links.as_of_on = others.as_of_on
            and links.body_id = others.body_id
),

units as (
    select
        territory_on,
        as_of_on,
        first_id,
        string_agg(map_id, '+' order by map_id) as territory_id,
        count(*)::integer as map_bodies
    from together
    group by territory_on, as_of_on, first_id
)

select distinct
    links.territory_on,
    links.as_of_on,
    links.body_id as organisation_id,
    units.territory_id,
    units.map_bodies
from {{ ref('int_territory_links') }} as links
inner join units
    on
        links.territory_on = units.territory_on
        and links.as_of_on = units.as_of_on
        and links.map_id = units.first_id
