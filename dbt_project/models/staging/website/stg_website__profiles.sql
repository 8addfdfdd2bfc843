-- A website has no followers and no id of its own.
select
    account_id,
    null::text as platform_user_id,
    scan_on,
    observed_at,
    null::bigint as followers,
    extraction_id
from {{ source('raw', 'website_profiles') }}
