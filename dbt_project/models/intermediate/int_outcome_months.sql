{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'scan_month'}}
) }}
-- What the outcomes of a month's scans say together, so that nobody reads years of them again.
select
    account_id,
    platform,
    stream,
    date_trunc('month', scan_on)::date as scan_month,
    max(scan_on) as latest_scan_on,
    max(scan_on) filter (where status = 'ok') as latest_ok_scan_on,
    min({{ local_date('window_since') }}) as since_on,
    min({{ local_date('window_since') }}) filter (where status = 'ok') as ok_since_on,
    max(window_until) filter (where status = 'ok') as known_until,
    (array_agg(status order by scan_on desc, status = 'ok' desc, attempted_at desc))[1]
        as latest_status
from {{ ref('stg_outcomes__outcomes') }}
where {{ open('account', 'scan_on') }}
group by account_id, platform, stream, date_trunc('month', scan_on)
