{{ config(
    materialized='growing',
    meta={'open': {'kind': 'date', 'date': 'as_of_on'}}
) }}
with days as (
    select distinct last_on as as_of_on from {{ ref('int_platform_periods') }}
    where {{ open('date', 'last_on') }}
)

select
    organisations.organisation_id,
    days.as_of_on,
    organisations.country,
    organisations.organisation_type,
    lower(organisations.country) || '-' || organisations.organisation_type
        as type_group_id,
    organisations.province_code,
    organisations.region_code,
    classes.size_class,
    coalesce(organisations.name_nl, organisations.name_fr, organisations.name_de) as name_nl,
    coalesce(
        case coalesce(by_municipality.language, by_region.language)
            when 'fr' then organisations.name_fr
            when 'de' then organisations.name_de
        end,
        organisations.name_nl, organisations.name_fr, organisations.name_de
    ) as name_en,
    inhabitants_at.inhabitants
from {{ ref('stg_register__organisations') }} as organisations
inner join days on {{ valid_on('organisations', 'days.as_of_on') }}
left join {{ ref('int_inhabitants_at') }} as inhabitants_at
    on
        organisations.organisation_id = inhabitants_at.organisation_id
        and days.as_of_on = inhabitants_at.as_of_on
left join {{ ref('size_classes') }} as classes
    on
        organisations.country = classes.country
        and classes.is_default is not false
        and {{ valid_on('classes', 'days.as_of_on') }}
        and inhabitants_at.inhabitants >= classes.lower_inhabitants
        and (
            classes.upper_inhabitants is null
            or inhabitants_at.inhabitants <= classes.upper_inhabitants
        )
left join {{ ref('place_languages') }} as by_municipality
    on
        organisations.organisation_type = 'municipality'
        and organisations.official_code = by_municipality.place_code
left join {{ ref('place_languages') }} as by_region
    on organisations.region_code = by_region.place_code
