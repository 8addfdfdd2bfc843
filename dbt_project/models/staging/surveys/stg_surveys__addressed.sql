select
    survey_id,
    country,
    organisation_type,
    array_to_string(region_codes, ',') as region_codes,
    addressed
from {{ source('inputs', 'survey_addressed') }}
