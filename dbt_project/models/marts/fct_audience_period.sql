{{ config(meta={'distributed_by': 'account_id'}) }}
select distinct on (periods.account_id, periods.period_kind, periods.period_start)
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    readings.observed_on,
    readings.reading_source,
    readings.followers
from {{ ref('int_account_periods') }} as periods
inner join {{ ref('fct_follower_reading') }} as readings
    on
        periods.account_id = readings.account_id
        and readings.observed_on between periods.period_start and periods.period_end
order by
    periods.account_id, periods.period_kind, periods.period_start, readings.observed_on desc
