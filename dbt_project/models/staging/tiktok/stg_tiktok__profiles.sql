select
    account_id,
    payload ->> 'open_id' as platform_user_id,
    scan_on,
    observed_at,
    (payload ->> 'follower_count')::bigint as followers,
    extraction_id
from {{ source('raw', 'tiktok_profiles') }}
