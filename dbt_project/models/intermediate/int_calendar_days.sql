-- From the first question's day to the last day known of, within the years of the holidays. Of the
-- bodies with accounts only: nobody else has questions.
with calendars as (
    select distinct
        calendars.calendar_id,
        calendars.country,
        calendars.organisation_type,
        calendars.region_code,
        calendars.language,
        calendars.has_own_hours
    from {{ ref('int_organisation_calendars') }} as calendars
    inner join {{ ref('stg_register__accounts') }} as accounts
        on calendars.organisation_id = accounts.organisation_id
),

known_years as (
    select
        date_trunc('year', min(holiday_on)::timestamp) as first_at,
        date_trunc('year', max(holiday_on)::timestamp) + interval '1 year -1 day' as last_at
    from {{ ref('public_holidays') }}
),

asked as (
    select min({{ local_date('created_at') }}) as first_on
    from {{ ref('int_messages') }}
    where is_question and not is_own
),

-- a week more than is known, for answers that are dated by clocks that run fast
known as (
    select max({{ local_date('messages_known_until') }}) + 7 as last_on
    from {{ ref('int_account_states') }}
),

days as (
    select
        calendars.*,
        series.day_at::date as day_on
    from calendars
    cross join known_years
    inner join asked on asked.first_on is not null
    inner join known on known.last_on is not null
    cross join
        lateral generate_series(
            greatest(asked.first_on::timestamp, known_years.first_at),
            least(known.last_on::timestamp, known_years.last_at),
            interval '1 day'
        ) as series (day_at)
),

-- a day of a community closes the offices of local authorities in its region
holidays as (
    select distinct
        days.calendar_id,
        days.day_on
    from days
    inner join {{ ref('public_holidays') }} as holidays
        on
            days.country = holidays.country
            and days.day_on = holidays.holiday_on
            and (
                holidays.region_code is null
                or (
                    days.region_code = holidays.region_code
                    and days.language = holidays.language
                    and days.organisation_type in ('municipality', 'ocmw', 'province')
                )
            )
),

own_days as (
    select distinct
        days.calendar_id,
        days.day_on
    from days
    inner join {{ ref('stg_register__opening_hours') }} as own
        on days.calendar_id = own.organisation_id and {{ valid_on('own', 'days.day_on') }}
    where days.has_own_hours
)

select
    days.calendar_id,
    days.day_on,
    days.country,
    days.organisation_type,
    case
        when holidays.day_on is not null then 'holiday' else extract(isodow from days.day_on)::text
    end as weekday,
    own_days.day_on is not null as is_own_day
from days
left join holidays on days.calendar_id = holidays.calendar_id and days.day_on = holidays.day_on
left join own_days on days.calendar_id = own_days.calendar_id and days.day_on = own_days.day_on
