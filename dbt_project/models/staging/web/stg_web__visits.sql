select
    organisation_id,
    source as reading_source,
    site,
    visited_on,
    network,
    visits,
    observed_at
from {{ source('web', 'web_visits') }}
