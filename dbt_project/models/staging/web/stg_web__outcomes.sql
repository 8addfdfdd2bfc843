-- How a day's reading of a site ended; the last attempt.
select
    organisation_id,
    site,
    read_on,
    status,
    reason,
    attempted_at
from {{ source('web', 'web_outcomes') }}
