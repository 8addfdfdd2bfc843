select
    account_id,
    item_id as post_id,
    scan_on,
    observed_at,
    to_timestamp((payload ->> 'create_time')::numeric) as created_at,
    'original' as message_kind,
    null::text as in_reply_to_id,
    (payload ->> 'like_count')::bigint as reactions,
    (payload ->> 'comment_count')::bigint as comments,
    (payload ->> 'share_count')::bigint as shares,
    null::bigint as quotes,
    (payload ->> 'view_count')::bigint as views,
    (payload #>> '{klankbord,text_length}')::integer as text_length,
    extraction_id
from {{ source('raw', 'tiktok_posts') }}
