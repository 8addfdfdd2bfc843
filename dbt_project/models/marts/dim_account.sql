select distinct on (account_id)
    account_id,
    organisation_id,
    platform,
    role,
    access_tier,
    is_synthetic,
    valid_from,
    valid_to
from {{ ref('stg_register__accounts') }}
order by account_id, valid_from desc nulls last
