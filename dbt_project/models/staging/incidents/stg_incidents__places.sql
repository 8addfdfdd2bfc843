select
    organisation_id,
    country,
    name_nl,
    name_fr,
    name_de,
    latitude::double precision as latitude,
    longitude::double precision as longitude,
    valid_from,
    valid_to
from {{ source('register', 'organisations') }}
where superseded_at is null and organisation_type = 'municipality'
