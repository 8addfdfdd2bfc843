-- Counters are the owner's and come when a reading is due: a reading without them has none.
select
    account_id,
    item_id as post_id,
    scan_on,
    observed_at,
    (payload ->> 'timestamp')::timestamptz as created_at,
    case
        when payload ->> 'media_type' = 'REPOST_FACADE' then 'repost'
        when payload -> 'replied_to' ->> 'id' is null then 'original'
        when (payload ->> 'replied_to_own')::boolean then 'continuation'
        else 'reply'
    end as message_kind,
    payload -> 'replied_to' ->> 'id' as in_reply_to_id,
    (payload -> 'insights' ->> 'likes')::bigint as reactions,
    (payload -> 'insights' ->> 'replies')::bigint as comments,
    (payload -> 'insights' ->> 'reposts')::bigint as shares,
    (payload -> 'insights' ->> 'quotes')::bigint as quotes,
    (payload -> 'insights' ->> 'views')::bigint as views,
    (payload -> 'klankbord' ->> 'text_length')::integer as text_length,
    extraction_id
from {{ source('raw', 'threads_posts') }}
