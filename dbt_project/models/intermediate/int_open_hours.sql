-- Time cut where a day begins and where an opening begins. Each piece knows how long the calendar was
-- open before it, so that the open time between two moments is a difference, whatever lies between.
with openings as (
    select
        days.calendar_id,
        days.day_on,
        own.opens_minute,
        own.closes_minute
    from {{ ref('int_calendar_days') }} as days
    inner join {{ ref('stg_register__opening_hours') }} as own
        on
            days.calendar_id = own.organisation_id
            and days.weekday = own.weekday
            and {{ valid_on('own', 'days.day_on') }}
    where days.is_own_day
    union all
    select
        days.calendar_id,
        days.day_on,
        {{ minute_of_day('defaults.opens_at') }} as opens_minute,
        {{ minute_of_day('defaults.closes_at') }} as closes_minute
    from {{ ref('int_calendar_days') }} as days
    inner join {{ ref('default_opening_hours') }} as defaults
        on
            days.country = defaults.country
            and days.organisation_type = defaults.organisation_type
            and days.weekday = defaults.weekday
    where not days.is_own_day
    union all
    select
        calendar_id,
        day_on,
        0 as opens_minute,
        0 as closes_minute
    from {{ ref('int_calendar_days') }}
),

-- an opening at midnight takes the place of the day's own beginning
pieces as (
    select
        calendar_id,
        day_on,
        opens_minute,
        max(closes_minute) as closes_minute
    from openings
    group by calendar_id, day_on, opens_minute
),

placed as (
    select
        calendar_id,
        day_on,
        opens_minute,
        {{ local_moment('day_on', 'opens_minute') }} as from_at,
        {{ local_moment('day_on', 'closes_minute') }} as open_until_at,
        {{ local_moment('day_on', '1440') }} as day_ends_at
    from pieces
),

lasting as (
    select
        *,
        extract(epoch from open_until_at - from_at)::bigint as open_seconds
    from placed
)

select
    calendar_id,
    day_on,
    opens_minute,
    (sum(open_seconds) over so_far - open_seconds)::bigint as open_seconds_before,
    from_at,
    open_until_at,
    coalesce(lead(from_at) over so_far, day_ends_at) as until_at
from lasting
window so_far as (partition by calendar_id order by day_on, opens_minute)
