{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'period_start'}}
) }}
-- Counters are those of seven days, followers those of the post's day: a post without one of them is
-- no case of what needs it.
with counted as (
    select
        account_id,
        period_kind,
        period_start,
        count(reactions) as reaction_posts,
        count(comments) as comment_posts,
        count(shares) as share_posts,
        count(*) filter (where reactions > 0) as posts_with_reaction,
        count(*) filter (where comments > 0) as posts_with_comment,
        count(*) filter (where shares > 0) as posts_with_share,
        count(reactions / followers) as popularity_posts,
        count(comments / followers) as commitment_posts,
        count(shares / followers) as virality_posts,
        count((reactions + comments + shares) / followers) as summed_posts,
        -- in one order: the last digit of a sum depends on it
        sum(reactions / followers order by post_id) as popularity_sum,
        sum(comments / followers order by post_id) as commitment_sum,
        sum(shares / followers order by post_id) as virality_sum,
        sum((reactions + comments + shares) / followers order by post_id) as summed_sum,
        sum(
            (
                {{ var("reaction_weight") }} * reactions + {{ var("comment_weight") }} * comments
                + {{ var("share_weight") }} * shares
            ) / followers
            order by post_id
        ) as weighted_sum,
        count(engagement_pct) as engagement_posts,
        sum(engagement_pct order by post_id) as engagement_pct_sum,
        count(interactions) as interaction_posts,
        percentile_cont(0.5) within group (order by interactions) as interactions_median
    from {{ ref('fct_engagement_post') }}
    group by account_id, period_kind, period_start
)

select
    counted.*,
    daily.daily_pct_sum,
    daily.known_days
from counted
inner join {{ ref('fct_engagement_daily') }} as daily
    on
        counted.account_id = daily.account_id
        and counted.period_kind = daily.period_kind
        and counted.period_start = daily.period_start
