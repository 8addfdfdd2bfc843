select
    account_id,
    organisation_id,
    platform,
    role,
    access_tier,
    is_synthetic,
    handle,
    valid_from,
    valid_to
from {{ source('register', 'accounts') }}
where superseded_at is null
