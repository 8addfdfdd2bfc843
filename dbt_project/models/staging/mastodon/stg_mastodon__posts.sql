-- Mastodon counts no views; quotes only from 4.5 on. What a server leaves out stays null.
select
    account_id,
    item_id as post_id,
    scan_on,
    observed_at,
    (payload ->> 'created_at')::timestamptz as created_at,
    case
        when payload -> 'reblog' ->> 'id' is not null then 'repost'
        when payload ->> 'in_reply_to_id' is null then 'original'
        -- account.id is the account itself; an own id is the one id that privacy leaves as it is
        when payload ->> 'in_reply_to_account_id' = payload -> 'account' ->> 'id'
            then 'continuation'
        else 'reply'
    end as message_kind,
    payload ->> 'in_reply_to_id' as in_reply_to_id,
    (payload ->> 'favourites_count')::bigint as reactions,
    (payload ->> 'replies_count')::bigint as comments,
    (payload ->> 'reblogs_count')::bigint as shares,
    (payload ->> 'quotes_count')::bigint as quotes,
    null::bigint as views,
    (payload -> 'klankbord' ->> 'text_length')::integer as text_length,
    extraction_id
from {{ source('raw', 'mastodon_posts') }}
