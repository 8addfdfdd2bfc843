-- X renamed its fields on 2026-08-07 and answers with one of the two names of a field, never with
-- both: each coalesce here joins two names of one thing. What X leaves out stays null.
with readings as (
    select
        *,
        payload -> 'public_metrics' as metrics,
        coalesce(payload -> 'referenced_posts', payload -> 'referenced_tweets') as referenced
    from {{ source('raw', 'x_posts') }}
)

select
    account_id,
    item_id as post_id,
    scan_on,
    observed_at,
    (payload ->> 'created_at')::timestamptz as created_at,
    case
        when referenced @> '[{"type": "retweeted"}]' or referenced @> '[{"type": "reposted"}]'
            then 'repost'
        -- author_id is the account itself; an own id is the one id that privacy leaves as it is
        when
            referenced @> '[{"type": "replied_to"}]'
            and payload ->> 'in_reply_to_user_id' = payload ->> 'author_id'
            then 'continuation'
        when referenced @> '[{"type": "replied_to"}]' then 'reply'
        else 'original'  -- a quote among them
    end as message_kind,
    jsonb_path_query_first(referenced, '$[*] ? (@.type == "replied_to").id')
    #>> '{}' as in_reply_to_id,
    (metrics ->> 'like_count')::bigint as reactions,
    (metrics ->> 'reply_count')::bigint as comments,
    coalesce(metrics ->> 'repost_count', metrics ->> 'retweet_count')::bigint as shares,
    (metrics ->> 'quote_count')::bigint as quotes,
    (metrics ->> 'impression_count')::bigint as views,
    (payload -> 'klankbord' ->> 'text_length')::integer as text_length,
    extraction_id
from readings
