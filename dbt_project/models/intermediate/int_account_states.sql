{{ config(meta={'distributed_by': 'account_id'}) }}
with latest as (
    select distinct on (account_id, stream)
        account_id,
        stream,
        latest_status as status
    from {{ ref('int_outcome_months') }}
    order by account_id, stream, latest_scan_on desc
),

known as (
    select
        account_id,
        max(known_until) filter (where stream = 'posts') as posts_known_until,
        max(known_until) filter (where stream = 'messages') as messages_known_until
    from {{ ref('int_outcome_months') }}
    group by account_id
)

select
    latest.account_id,
    bool_or(latest.stream = 'profiles' and latest.status = 'refused') as is_profiles_refused,
    bool_or(latest.stream = 'posts' and latest.status = 'refused') as is_posts_refused,
    bool_or(latest.stream = 'messages' and latest.status = 'refused') as is_messages_refused,
    -- unknown of an account whose owner was never asked
    bool_or(latest.status = 'refused') filter (where latest.stream = 'insights')
        as is_insights_refused,
    max(known.posts_known_until) as posts_known_until,
    max(known.messages_known_until) as messages_known_until
from latest
left join known on latest.account_id = known.account_id
group by latest.account_id
