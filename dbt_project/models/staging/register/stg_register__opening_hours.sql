select
    organisation_id,
    weekday,
    {{ minute_of_day('opens_at') }} as opens_minute,
    {{ minute_of_day('closes_at') }} as closes_minute,
    valid_from,
    valid_to
from {{ source('register', 'opening_hours') }}
where superseded_at is null
