select
    account_id,
    platform,
    stream,
    scan_on,
    status,
    reason,
    extraction_id,
    row_count,
    -- a feed shows its last so many items: the window as far as it could be seen
    coalesce(observed_since, window_since) as window_since,
    window_until,
    attempted_at
from {{ source('raw', 'outcomes') }}
