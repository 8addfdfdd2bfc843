{{ config(
    materialized='growing',
    meta={'open': {'kind': 'block', 'date': 'quarter_start'}}
) }}
-- Who was in a group on one of the last days of a quarter's periods and not on another: what the
-- quarter tells of the group less what a month of it tells is those few.
with days as (
    select distinct
        platform,
        date_trunc('quarter', period_start)::date as quarter_start,
        last_on
    from {{ ref('int_platform_periods') }}
    where {{ open('block', 'period_start') }}
),

counted as (
    select
        platform,
        quarter_start,
        count(*) as n
    from days
    group by platform, quarter_start
)

select
    days.platform,
    days.quarter_start,
    members.group_id,
    members.organisation_id
from days
inner join {{ ref('int_group_members') }} as members on days.last_on = members.as_of_on
inner join counted
    on days.platform = counted.platform and days.quarter_start = counted.quarter_start
group by days.platform, days.quarter_start, members.group_id, members.organisation_id, counted.n
having count(*) < counted.n
