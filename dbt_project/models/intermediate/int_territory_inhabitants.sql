{{ config(materialized='ephemeral') }}
select
    territories.territory_on,
    territories.as_of_on,
    territories.territory_id,
    -- the parts' own counts, all of them; else what was counted on the map's boundaries
    case
        when count(*) = count(parts.inhabitants) then sum(parts.inhabitants)
        else min(wholes.inhabitants)
    end::double precision as inhabitants,
    count(*)::integer as n_bodies
from {{ ref('int_territory') }} as territories
left join {{ ref('int_inhabitants_at') }} as parts
    on
        territories.organisation_id = parts.organisation_id
        and territories.as_of_on = parts.as_of_on
left join {{ ref('int_inhabitants_at') }} as wholes
    on
        territories.territory_id = wholes.organisation_id
        and territories.as_of_on = wholes.as_of_on
group by territories.territory_on, territories.as_of_on, territories.territory_id
