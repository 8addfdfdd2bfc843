-- Visits are counted late for some days: Matomo's last three days are read again.
select
    organisation_id,
    source as reading_source,
    site,
    visited_on,
    visits,
    source = 'file' or {{ local_date('observed_at') }} >= visited_on + 3 as is_final,
    observed_at
from {{ source('web', 'web_days') }}
