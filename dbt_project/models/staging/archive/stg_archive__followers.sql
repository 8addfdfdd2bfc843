select
    account_id,
    source,
    observed_on,
    followers,
    imported_at
from {{ source('raw', 'archive_followers') }}
