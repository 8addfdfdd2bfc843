{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'scan_on'}}
) }}
-- a stream that failed and was read after all is read
with streams as (
    select
        account_id,
        platform,
        scan_on,
        stream,
        bool_or(status = 'ok') as is_ok,
        (array_agg(reason order by attempted_at desc, status, reason))[1] as reason,
        max(attempted_at) filter (where status = 'ok') as observed_at
    from {{ ref('stg_outcomes__outcomes') }}
    where {{ open('account', 'scan_on') }}
    group by account_id, platform, scan_on, stream
)

select
    account_id,
    scan_on,
    platform,
    bool_and(is_ok) as is_ok,
    -- of several failing streams the first that an extraction asks for
    (array_agg(
        reason order by array_position(array['profiles', 'posts', 'messages', 'insights'], stream)
    ) filter (where not is_ok))[1] as reason,
    max(observed_at) as observed_at
from streams
group by account_id, scan_on, platform
