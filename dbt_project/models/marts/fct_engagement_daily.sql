{{ config(
    materialized='ephemeral',
    contract={'enforced': false},
    meta={'distributed_by': 'account_id'}
) }}
with posts as (
    select
        *,
        bool_and(engagement_pct is not null) over (
            partition by account_id, period_kind, period_start, created_on
        ) as is_whole_day
    from {{ ref('fct_engagement_post') }}
    where is_on_known_day
),

summed as (
    select
        account_id,
        period_kind,
        period_start,
        sum(engagement_pct order by post_id) filter (where is_whole_day) as daily_pct_sum,
        count(distinct created_on) filter (where not is_whole_day) as unknown_days
    from posts
    group by account_id, period_kind, period_start
)

select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    -- a day on which nothing was posted counts, as a zero
    greatest(summed.daily_pct_sum, 0) as daily_pct_sum,
    (
        select greatest(sum(upper(days.span) - lower(days.span)), 0)
        from unnest(periods.known_days) as days (span)
    )
    - greatest(summed.unknown_days, 0) as known_days
from {{ ref('fct_engagement_calendar') }} as periods
left join summed
    on
        periods.account_id = summed.account_id
        and periods.period_kind = summed.period_kind
        and periods.period_start = summed.period_start
