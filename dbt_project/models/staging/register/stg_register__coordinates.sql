select
    organisation_id,
    latitude,
    longitude,
    valid_from,
    valid_to
from {{ source('register', 'organisations') }}
where superseded_at is null and latitude is not null and longitude is not null
