select
    bodies.source,
    bodies.incident_id,
    bodies.organisation_id,
    organisations.country,
    organisations.organisation_type,
    coalesce(organisations.name_nl, organisations.name_fr, organisations.name_de) as name_nl,
    coalesce(
        case coalesce(by_municipality.language, by_region.language)
            when 'fr' then organisations.name_fr
            when 'de' then organisations.name_de
        end,
        organisations.name_nl, organisations.name_fr, organisations.name_de
    ) as name_en
from {{ ref('int_incident_bodies') }} as bodies
inner join {{ ref('stg_register__organisations') }} as organisations
    on
        bodies.organisation_id = organisations.organisation_id
        and {{ valid_on('organisations', 'bodies.alarmed_on') }}
left join {{ ref('place_languages') }} as by_municipality
    on
        organisations.organisation_type = 'municipality'
        and organisations.official_code = by_municipality.place_code
left join {{ ref('place_languages') }} as by_region
    on organisations.region_code = by_region.place_code
