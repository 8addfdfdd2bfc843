{{ config(
    materialized='ephemeral',
    contract={'enforced': false},
    meta={'distributed_by': 'account_id'}
) }}
select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    posts.post_id,
    posts.created_on,
    posts.reactions,
    posts.comments,
    posts.shares,
    posts.interactions,
    posts.engagement_pct,
    nullif(posts.followers, 0)::double precision as followers,
    coalesce(posts.created_on <@ periods.known_days, false) as is_on_known_day
from {{ ref('fct_engagement_calendar') }} as periods
left join {{ ref('fct_post') }} as posts
    on
        periods.account_id = posts.account_id
        and posts.message_kind = 'original'
        and posts.created_on between periods.period_start and periods.period_end
        and {{ open('account', 'posts.created_on', 'posts') }}
