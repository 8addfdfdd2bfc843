select
    organisation_id,
    reference_date as reference_on,
    inhabitants
from {{ source('register', 'populations') }}
where superseded_at is null
