select
    predecessor_id,
    successor_id,
    effective_date as effective_on
from {{ source('register', 'mergers') }}
where superseded_at is null
