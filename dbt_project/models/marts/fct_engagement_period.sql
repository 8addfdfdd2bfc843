{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'period_start'}}
) }}
-- Counters are those of seven days, followers those of the post's day: a post without one of them is
-- no case of what needs it, and makes its day no case of daily engagement.
with observed as (
    select
        account_id,
        range_agg(daterange(first_on, last_on, '[]')) as days
    from {{ ref('int_observed_spans') }}
    where stream = 'posts'
    group by account_id
),

followed as (
    select
        account_id,
        range_agg(daterange(observed_on, carried_to_on, '[]')) as days
    from {{ ref('fct_follower_reading') }}
    where followers > 0 and {{ open('account', 'observed_on', days=32) }}
    group by account_id
),

-- the days of which everything can be known, up to the last on which all posts are seven days old
known as (
    select
        observed.account_id,
        observed.days * followed.days * datemultirange(
            daterange(
                null,
                {{ local_date(
                    "(states.posts_known_until - interval '"
                    ~ var("reading_age_days") * 24 ~ " hours')"
                ) }}
            )
        ) as days
    from observed
    inner join followed on observed.account_id = followed.account_id
    inner join {{ ref('int_account_states') }} as states
        on observed.account_id = states.account_id
),

periods as (
    select
        periods.account_id,
        periods.period_kind,
        periods.period_start,
        periods.period_end,
        known.days * datemultirange(daterange(periods.period_start, periods.period_end, '[]'))
            as known_days
    from {{ ref('int_account_periods') }} as periods
    left join known on periods.account_id = known.account_id
    where {{ open('account', 'periods.period_start', 'periods') }}
),

posts as (
    select
        periods.account_id,
        periods.period_kind,
        periods.period_start,
        periods.known_days,
        posts.post_id,
        posts.created_on,
        posts.reactions,
        posts.comments,
        posts.shares,
        posts.interactions,
        posts.engagement_pct,
        coalesce(posts.created_on <@ periods.known_days, false) as is_on_known_day,
        nullif(posts.followers, 0)::double precision as followers
    from periods
    left join {{ ref('fct_post') }} as posts
        on
            periods.account_id = posts.account_id
            and posts.message_kind = 'original'
            and posts.created_on between periods.period_start and periods.period_end
            and {{ open('account', 'posts.created_on', 'posts') }}
),

counted as (
    select
        account_id,
        period_kind,
        period_start,
        known_days,
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
        count(engagement_pct) as engagement_posts,
        count(interactions) as interaction_posts,
        percentile_cont(0.5) within group (order by interactions) as interactions_median,
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
        sum(engagement_pct order by post_id) as engagement_pct_sum,
        array_agg(distinct created_on) filter (where is_on_known_day and engagement_pct is null)
            as unknown_days
    from posts
    group by account_id, period_kind, period_start, known_days
),

daily as (
    select
        posts.account_id,
        posts.period_kind,
        posts.period_start,
        sum(posts.engagement_pct order by posts.post_id) as daily_pct_sum
    from posts
    inner join counted
        on
            posts.account_id = counted.account_id
            and posts.period_kind = counted.period_kind
            and posts.period_start = counted.period_start
    where
        posts.is_on_known_day
        and not coalesce(posts.created_on = any(counted.unknown_days), false)
    group by posts.account_id, posts.period_kind, posts.period_start
)

select
    counted.account_id,
    counted.period_kind,
    counted.period_start,
    counted.reaction_posts,
    counted.comment_posts,
    counted.share_posts,
    counted.posts_with_reaction,
    counted.posts_with_comment,
    counted.posts_with_share,
    counted.popularity_posts,
    counted.commitment_posts,
    counted.virality_posts,
    counted.summed_posts,
    counted.popularity_sum,
    counted.commitment_sum,
    counted.virality_sum,
    counted.summed_sum,
    counted.weighted_sum,
    counted.engagement_posts,
    counted.engagement_pct_sum,
    counted.interaction_posts,
    counted.interactions_median,
    -- a day on which nothing was posted counts, as a zero
    greatest(daily.daily_pct_sum, 0) as daily_pct_sum,
    (
        select greatest(sum(upper(days.span) - lower(days.span)), 0)
        from unnest(counted.known_days) as days (span)
    )
    - greatest(cardinality(counted.unknown_days), 0) as known_days
from counted
left join daily
    on
        counted.account_id = daily.account_id
        and counted.period_kind = daily.period_kind
        and counted.period_start = daily.period_start
