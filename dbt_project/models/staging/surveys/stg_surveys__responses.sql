select
    survey_id,
    organisation_id,
    submitted_on
from {{ source('inputs', 'survey_responses') }}
