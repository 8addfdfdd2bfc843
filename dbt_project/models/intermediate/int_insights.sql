{{ config(meta={'distributed_by': 'account_id'}) }}
with readings as (
    {{ union_platforms('insights', [
        'account_id', 'post_id', 'metric_name', 'period', 'end_at', 'value', 'scan_on',
        'observed_at'
    ]) }}
)

-- Meta mends a day's figures for two days: what was read last holds
select distinct on (account_id, post_id, metric_name, period, end_at) *
from readings
where value is not null
order by account_id, post_id, metric_name, period, end_at, observed_at desc
