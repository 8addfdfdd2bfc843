select
    account_id,
    payload ->> 'did' as platform_user_id,
    scan_on,
    observed_at,
    (payload ->> 'followersCount')::bigint as followers,
    extraction_id
from {{ source('raw', 'bluesky_profiles') }}
