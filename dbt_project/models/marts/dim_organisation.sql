{{ config(
    materialized='growing',
    meta={'open': {'kind': 'date', 'date': 'as_of_on'}}
) }}
select
    organisations.organisation_id,
    organisations.as_of_on,
    organisations.country,
    organisations.organisation_type,
    organisations.province_code,
    organisations.region_code,
    organisations.size_class,
    organisations.type_group_id || '/size-' || organisations.size_class as size_group_id,
    organisations.name_nl,
    organisations.name_en,
    types.name_nl as organisation_type_nl,
    types.name_en as organisation_type_en,
    provinces.name_nl as province_name_nl,
    organisations.inhabitants
from {{ ref('int_organisations_at') }} as organisations
inner join {{ ref('organisation_types') }} as types
    on organisations.organisation_type = types.organisation_type
left join {{ ref('provinces') }} as provinces
    on organisations.province_code = provinces.province_code
where {{ open('date', 'organisations.as_of_on') }}
