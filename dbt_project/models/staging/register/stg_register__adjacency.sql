select
    organisation_id,
    neighbour_id,
    valid_from,
    valid_to
from {{ source('register', 'adjacency') }}
where superseded_at is null
