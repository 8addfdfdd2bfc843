select
    account_id,
    item_id as post_id,
    scan_on,
    observed_at,
    (payload ->> 'timestamp')::timestamptz as created_at,
    -- the list of media holds what the account published itself, and nothing else
    'original' as message_kind,
    null::text as in_reply_to_id,
    -- left out where the owner hides it
    (payload ->> 'like_count')::bigint as reactions,
    -- with the answers to comments, the account's own among them: Instagram tells no other number
    (payload ->> 'comments_count')::bigint as comments,
    null::bigint as shares,
    null::bigint as quotes,
    null::bigint as views,
    (payload #>> '{klankbord,text_length}')::integer as text_length,
    extraction_id
from {{ source('raw', 'instagram_posts') }}
