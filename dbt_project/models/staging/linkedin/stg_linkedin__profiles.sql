select
    account_id,
    payload ->> 'id' as platform_user_id,
    scan_on,
    observed_at,
    (payload ->> 'followers')::bigint as followers,
    extraction_id
from {{ source('raw', 'linkedin_profiles') }}
