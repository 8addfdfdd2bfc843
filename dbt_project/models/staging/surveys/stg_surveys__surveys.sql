select
    survey_id,
    title,
    year as survey_year,
    responses,
    incomplete,
    repeated,
    without_organisation,
    imported_at
from {{ source('inputs', 'surveys') }}
