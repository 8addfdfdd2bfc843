{{ config(materialized='ephemeral') }}
-- For a type that one country has, that country's own classes say enough.
with countries as (
    select
        as_of_on,
        organisation_type,
        count(distinct country) as countries,
        string_agg(distinct lower(country), '+' order by lower(country)) as code
    from {{ ref('int_organisations_at') }}
    group by as_of_on, organisation_type
),

common as (
    select
        organisations.as_of_on,
        organisations.organisation_id,
        organisations.organisation_type,
        classes.size_class,
        lower(organisations.country) as country_code,
        regions.region_code,
        countries.code as both_code
    from {{ ref('int_organisations_at') }} as organisations
    inner join countries
        on
            organisations.as_of_on = countries.as_of_on
            and organisations.organisation_type = countries.organisation_type
            and countries.countries > 1
    left join {{ ref('regions') }} as regions on organisations.region_code = regions.region_code
    inner join {{ ref('size_classes') }} as classes
        on
            classes.country is null
            and {{ valid_on('classes', 'organisations.as_of_on') }}
            and organisations.inhabitants >= classes.lower_inhabitants
            and (
                classes.upper_inhabitants is null
                or organisations.inhabitants <= classes.upper_inhabitants
            )
)

select
    concat(place.base, '-', common.organisation_type, place.part, '/common-', common.size_class)
        as group_id,
    common.organisation_id,
    common.as_of_on,
    place.code as place_code,
    common.size_class,
    common.organisation_type
from common
cross join
    lateral (
        values
        (common.both_code, '', common.both_code),
        (common.country_code, '', common.country_code),
        (common.country_code, '/region-' || common.region_code, common.region_code)
    ) as place (base, part, code)
where place.part is not null
