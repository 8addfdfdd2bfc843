select
    account_id,
    platform,
    stream,
    scan_on,
    status,
    reason,
    extraction_id,
    row_count,
    -- a feed shows its last so many items, a late platform not yet the latest: the window as far as
    -- it could be seen
    coalesce(observed_since, window_since) as window_since,
    coalesce(observed_until, window_until) as window_until,
    attempted_at
from {{ source('raw', 'outcomes') }}
