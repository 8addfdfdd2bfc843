{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'period_start'}}
) }}
select distinct on (periods.account_id, periods.period_kind, periods.period_start)
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    readings.observed_on,
    readings.reading_source,
    readings.followers,
    case when before.observed_on < readings.observed_on then before.observed_on end as since_on,
    case when before.observed_on < readings.observed_on then before.followers end
        as followers_before
from {{ ref('int_account_periods') }} as periods
inner join {{ ref('fct_follower_reading') }} as readings
    on
        periods.account_id = readings.account_id
        and readings.observed_on between periods.period_start and periods.period_end
        and {{ open('account', 'readings.observed_on', 'readings') }}
left join {{ ref('fct_follower_reading') }} as before
    on
        periods.account_id = before.account_id
        and periods.period_start between before.observed_on and before.carried_to_on
        and {{ open('account', 'before.observed_on', 'before', 32) }}
where {{ open('account', 'periods.period_start', 'periods') }}
order by
    periods.account_id, periods.period_kind, periods.period_start, readings.observed_on desc
