-- Bodies without hours of their own share the calendar of their country, type and region.
with organisations as (
    select distinct on (organisation_id)
        organisation_id,
        country,
        organisation_type,
        region_code
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
            organisations.region_code
        )
    end as calendar_id,
    organisations.country,
    organisations.organisation_type,
    organisations.region_code,
    own.organisation_id is not null as has_own_hours
from organisations
left join own on organisations.organisation_id = own.organisation_id
