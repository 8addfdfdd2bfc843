select
    account_id,
    platform,
    stream,
    scan_on,
    status,
    reason,
    extraction_id,
    row_count,
    window_since,
    window_until,
    attempted_at
from {{ source('raw', 'outcomes') }}
