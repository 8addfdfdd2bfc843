{{ config(meta={'distributed_by': 'account_id'}) }}
-- Windows overlap by 29 days out of 30: they are merged as ranges, never expanded into days.
with streams as (
    select
        account_id,
        platform,
        stream,
        range_agg(daterange(
            {{ local_date('window_since') }},
            -- a window that ends at midnight does not hold the day that begins then
            {{ local_date("(window_until - interval '1 microsecond')") }},
            '[]'
        )) as days
    from {{ ref('stg_outcomes__outcomes') }}
    where
        status = 'ok'
        and {{ open('account', 'scan_on', days=31) }}
        -- a platform that is late, or that shows a backfill's days no more, has observed none of it
        and {{ local_date('window_since') }}
        <= {{ local_date("(window_until - interval '1 microsecond')") }}
    group by account_id, platform, stream
),

-- all that the organisation itself says: its posts, and the stream with its replies
outgoing as (
    select
        posts.account_id,
        posts.days * replies.days as days
    from streams as posts
    inner join {{ ref('platforms') }} as platforms on posts.platform = platforms.platform
    inner join streams as replies
        on
            posts.account_id = replies.account_id
            and platforms.replies_stream = replies.stream
    where posts.stream = 'posts'
),

observed as (
    select
        account_id,
        stream,
        days
    from streams
    union all
    select
        account_id,
        'outgoing' as stream,
        days
    from outgoing
)

select
    account_id,
    stream,
    lower(span) as first_on,
    upper(span) - 1 as last_on
from observed
cross join lateral unnest(days) as spans (span)
