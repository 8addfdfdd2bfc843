select
    account_id,
    platform,
    stream,
    item_id,
    scan_on,
    noticed_at,
    extraction_id
from {{ source('raw', 'tombstones') }}
