select
    account_id,
    payload ->> 'id' as platform_user_id,
    scan_on,
    observed_at,
    (payload ->> 'followers_count')::bigint as followers,
    extraction_id
from {{ source('raw', 'threads_profiles') }}
