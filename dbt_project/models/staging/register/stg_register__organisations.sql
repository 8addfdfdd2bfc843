select
    organisation_id,
    country,
    organisation_type,
    official_code,
    province_code,
    region_code,
    name_nl,
    name_fr,
    name_de,
    valid_from,
    valid_to
from {{ source('register', 'organisations') }}
where superseded_at is null
