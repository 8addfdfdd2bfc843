{{ config(meta={'distributed_by': 'account_id'}) }}
with posts as (
    select
        months.account_id,
        months.period_start,
        posts.post_id,
        posts.message_kind,
        posts.is_on_observed_day,
        posts.engagement_pct,
        posts.created_on >= months.period_start as is_in_month,
        posts.created_on between months.active_since_on and months.last_on as is_in_active_days
    from {{ ref('int_account_months') }} as months
    left join {{ ref('fct_post') }} as posts
        on
            months.account_id = posts.account_id
            and posts.created_on
            between least(months.active_since_on, months.period_start) and months.period_end
)

select
    account_id,
    period_start,
    count(*) filter (where message_kind = 'original' and is_in_active_days) as active_originals,
    count(*) filter (where message_kind = 'original' and is_in_month and is_on_observed_day)
        as observed_originals,
    count(*) filter (where message_kind = 'reply' and is_in_month) as replies,
    count(*) filter (
        where message_kind in ('original', 'reply', 'continuation') and is_in_month
    ) as outgoing_messages,
    count(engagement_pct) filter (where is_in_month) as engagement_posts,
    -- in one order: the last digit of a sum depends on it
    sum(engagement_pct order by post_id) filter (where is_in_month) as engagement_pct_sum
from posts
group by account_id, period_start
