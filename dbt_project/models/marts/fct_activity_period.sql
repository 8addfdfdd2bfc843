{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'period_start'}}
) }}
with posts as (
    select
        periods.account_id,
        periods.period_kind,
        periods.period_start,
        posts.message_kind,
        posts.is_on_observed_day,
        posts.created_on,
        posts.created_on >= periods.period_start as is_in_period,
        posts.created_on between periods.active_since_on and periods.last_on as is_in_active_days
    from {{ ref('int_account_periods') }} as periods
    left join {{ ref('fct_post') }} as posts
        on
            periods.account_id = posts.account_id
            and posts.created_on
            between least(periods.active_since_on, periods.period_start) and periods.period_end
            and {{ open('account', 'posts.created_on', 'posts', 32) }}
    where {{ open('account', 'periods.period_start', 'periods') }}
)

select
    account_id,
    period_kind,
    period_start,
    count(*) filter (where message_kind = 'original' and is_in_active_days) as active_originals,
    count(*) filter (where message_kind = 'original' and is_in_period and is_on_observed_day)
        as observed_originals,
    count(distinct created_on) filter (
        where message_kind = 'original' and is_in_period and is_on_observed_day
    ) as posting_days,
    count(*) filter (where message_kind = 'reply' and is_in_period) as replies,
    count(*) filter (
        where message_kind in ('original', 'reply', 'continuation') and is_in_period
    ) as outgoing_messages
from posts
group by account_id, period_kind, period_start
