select
    group_id,
    organisation_id,
    name_nl,
    name_fr,
    name_en,
    name_de,
    valid_from,
    valid_to
from {{ source('register', 'peer_groups') }}
where superseded_at is null
