{{ config(
    materialized='growing',
    indexes=[{'columns': ['account_id', 'observed_on']}],
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'observed_on', 'days': 32}}
) }}
with readings as (
    select
        account_id,
        scan_on as observed_on,
        'api' as reading_source,
        followers,
        observed_at as known_at,
        null as archive_source
    from {{ ref('int_profiles') }}
    where followers is not null
    union all
    select
        account_id,
        observed_on,
        'archive' as reading_source,
        followers,
        imported_at as known_at,
        source as archive_source
    from {{ ref('stg_archive__followers') }}
    where {{ open('account', 'observed_on', days=32) }}
),

-- one reading a day: what the API said beats an archive, what we learnt last beats what we knew
daily as (
    select distinct on (account_id, observed_on)
        account_id,
        observed_on,
        reading_source,
        followers
    from readings
    order by
        account_id, observed_on, reading_source = 'api' desc, known_at desc, archive_source
)

select
    account_id,
    observed_on,
    -- the reading speaks for the days after it until there is a newer one or it is too old
    least(
        observed_on + {{ var("follower_reading_max_age_days") }},
        lead(observed_on) over (partition by account_id order by observed_on) - 1
    ) as carried_to_on,
    reading_source,
    followers
from daily
