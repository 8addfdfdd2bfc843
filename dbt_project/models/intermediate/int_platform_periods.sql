-- a channel that is registered by hand is present or not (fct_presence), and measured in no period:
-- a study's count of its followers is kept and makes none
with accounts as (
    select
        account_id,
        min(platform) as platform,
        bool_or(is_synthetic) as is_synthetic
    from {{ ref('stg_register__accounts') }}
    where platform not in (select channels.platform from {{ ref('channels_by_hand') }} as channels)
    group by account_id
),

-- what failed everywhere still has its periods, with a reason instead of a value; what was collected
-- of an account that the register has dropped makes none
scans as (
    select
        months.platform,
        coalesce(max(months.latest_ok_scan_on), max(months.latest_scan_on)) as latest_scan_on,
        coalesce(min(months.ok_since_on), min(months.since_on)) as first_on,
        coalesce(
            min(months.ok_since_on) filter (where months.stream = 'posts'),
            min(months.since_on) filter (where months.stream = 'posts')
        ) as posts_since_on,
        coalesce(
            min(months.ok_since_on) filter (where months.stream = 'messages'),
            min(months.since_on) filter (where months.stream = 'messages')
        ) as messages_since_on
    from {{ ref('int_outcome_months') }} as months
    inner join accounts on months.account_id = accounts.account_id
    group by months.platform
),

archive as (
    select
        accounts.platform,
        min(followers.observed_on) as first_on,
        max(followers.observed_on) as latest_on
    from {{ ref('stg_archive__followers') }} as followers
    inner join accounts on followers.account_id = accounts.account_id
    group by accounts.platform
),

synthetic as (
    select
        platform,
        bool_or(is_synthetic) as has_synthetic_accounts
    from accounts
    group by platform
),

spans as (
    select
        platforms.platform,
        coalesce(scans.latest_scan_on, archive.latest_on) as latest_scan_on,
        least(scans.first_on, archive.first_on) as first_on,
        scans.posts_since_on,
        scans.messages_since_on,
        coalesce(synthetic.has_synthetic_accounts, false) as has_synthetic_accounts
    from {{ ref('platforms') }} as platforms
    left join scans on platforms.platform = scans.platform
    left join archive on platforms.platform = archive.platform
    left join synthetic on platforms.platform = synthetic.platform
)

select
    spans.platform,
    kinds.period_kind,
    starts.starts_at::date as period_start,
    (starts.starts_at + kinds.length)::date - 1 as period_end,
    least((starts.starts_at + kinds.length)::date - 1, spans.latest_scan_on) as last_on,
    spans.posts_since_on,
    spans.messages_since_on,
    spans.latest_scan_on,
    spans.has_synthetic_accounts
from spans
cross join (
    values ('month', interval '1 month'), ('quarter', interval '3 months')
) as kinds (period_kind, length)
cross join lateral generate_series(
    date_trunc(kinds.period_kind, spans.first_on::timestamp),
    spans.latest_scan_on::timestamp,
    kinds.length
) as starts (starts_at)
