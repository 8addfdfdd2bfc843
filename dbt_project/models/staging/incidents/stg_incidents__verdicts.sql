select
    account_id,
    post_id,
    source,
    incident_id,
    verdict,
    note
from {{ source('inputs', 'incident_matches') }}
