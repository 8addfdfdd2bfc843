-- Bodies without hours of their own share the calendar of their country, type, region and language.
with organisations as (
    select distinct on (organisation_id)
        organisation_id,
        country,
        organisation_type,
        region_code,
        official_code
    from {{ ref('stg_register__organisations') }}
    order by organisation_id, valid_from desc nulls last
),

own as (
    select distinct organisation_id
    from {{ ref('stg_register__opening_hours') }}
)

select
    organisations.organisation_id,
    case
        when own.organisation_id is not null then organisations.organisation_id
        else concat_ws(
            '/', lower(organisations.country), organisations.organisation_type,
            organisations.region_code, languages.language
        )
    end as calendar_id,
    organisations.country,
    organisations.organisation_type,
    organisations.region_code,
    languages.language,
    own.organisation_id is not null as has_own_hours
from organisations
left join own on organisations.organisation_id = own.organisation_id
-- a municipality's own language outweighs its region's
left join lateral (
    select places.language
    from {{ ref('place_languages') }} as places
    where
        places.place_code = organisations.region_code
        or (
            organisations.organisation_type = 'municipality'
            and places.place_code = organisations.official_code
        )
    order by places.place_code = organisations.region_code, places.place_code
    limit 1
) as languages on true
