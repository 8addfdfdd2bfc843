select
    surveys.survey_id,
    organisations.organisation_id,
    organisations.country,
    organisations.organisation_type,
    lower(organisations.country) || '-' || organisations.organisation_type as type_group_id,
    coalesce(classes.size_class, 'unknown') as size_class,
    -- no class sorts below the smallest
    coalesce(classes.lower_inhabitants, -1) as least_inhabitants,
    responses.organisation_id is not null as is_respondent
from {{ ref('stg_surveys__surveys') }} as surveys
inner join {{ ref('stg_surveys__addressed') }} as addressed
    on surveys.survey_id = addressed.survey_id
inner join {{ ref('stg_register__organisations') }} as organisations
    on
        addressed.country = organisations.country
        and addressed.organisation_type = organisations.organisation_type
        and (
            addressed.region_codes is null
            or organisations.region_code = any(string_to_array(addressed.region_codes, ','))
        )
        and {{ valid_on('organisations', 'make_date(surveys.survey_year, 1, 1)') }}
left join {{ ref('int_survey_inhabitants') }} as counts
    on
        organisations.organisation_id = counts.organisation_id
        and make_date(surveys.survey_year, 1, 1) = counts.surveyed_on
left join {{ ref('size_classes') }} as classes
    on
        organisations.country = classes.country
        and classes.scheme in ('flemish-2016', 'dutch-2016')
        and counts.inhabitants >= classes.lower_inhabitants
        and (
            classes.upper_inhabitants is null
            or counts.inhabitants <= classes.upper_inhabitants
        )
left join {{ ref('stg_surveys__responses') }} as responses
    on
        surveys.survey_id = responses.survey_id
        and organisations.organisation_id = responses.organisation_id
