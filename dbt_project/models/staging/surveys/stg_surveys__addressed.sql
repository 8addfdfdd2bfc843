select
    survey_id,
    country,
    organisation_type,
    addressed
from {{ source('inputs', 'survey_addressed') }}
