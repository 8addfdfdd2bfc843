select
    organisation_id,
    member_id,
    valid_from,
    valid_to
from {{ source('register', 'memberships') }}
where superseded_at is null
