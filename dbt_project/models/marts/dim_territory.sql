with members as (
    select distinct
        territories.territory_on,
        territories.territory_id,
        territories.map_bodies,
        listed.map_id
    from {{ ref('int_territory') }} as territories
    cross join
        lateral unnest(string_to_array(territories.territory_id, '+')) as listed (map_id)
),

named as (
    select
        members.*,
        bodies.country,
        bodies.organisation_type,
        coalesce(bodies.name_nl, bodies.name_fr, bodies.name_de) as name_nl
    from members
    inner join {{ ref('stg_register__organisations') }} as bodies
        on
            members.map_id = bodies.organisation_id
            and {{ valid_on('bodies', 'members.territory_on') }}
)

select
    territory_on,
    territory_id,
    map_bodies,
    case when map_bodies = 1 then territory_id end as organisation_id,
    min(country) as country,
    min(organisation_type) as organisation_type,
    string_agg(name_nl, ' + ' order by map_id) as name_nl
from named
group by territory_on, territory_id, map_bodies
