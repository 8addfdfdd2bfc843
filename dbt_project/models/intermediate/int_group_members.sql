{{ config(
    materialized='growing',
    meta={'open': {'kind': 'date', 'date': 'as_of_on'}}
) }}
select
    organisations.type_group_id || grouped.suffix as group_id,
    organisations.organisation_id,
    organisations.as_of_on,
    grouped.group_kind,
    grouped.group_code,
    organisations.country,
    organisations.organisation_type
from {{ ref('int_organisations_at') }} as organisations
left join {{ ref('regions') }} as regions on organisations.region_code = regions.region_code
cross join
    lateral (
        values
        ('type', null, ''),
        ('region', regions.region_code, '/region-' || regions.region_code),
        ('province', organisations.province_code, '/province-' || organisations.province_code),
        ('size_class', organisations.size_class, '/size-' || organisations.size_class)
    ) as grouped (group_kind, group_code, suffix)
where grouped.suffix is not null and {{ open('date', 'organisations.as_of_on') }}
