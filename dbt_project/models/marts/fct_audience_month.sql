{{ config(meta={'distributed_by': 'account_id'}) }}
select distinct on (months.account_id, months.period_start)
    months.account_id,
    months.period_start,
    readings.observed_on,
    readings.reading_source,
    readings.followers
from {{ ref('int_account_months') }} as months
inner join {{ ref('fct_follower_reading') }} as readings
    on
        months.account_id = readings.account_id
        and readings.observed_on between months.period_start and months.period_end
order by months.account_id, months.period_start, readings.observed_on desc
