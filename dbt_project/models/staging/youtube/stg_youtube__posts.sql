-- A video. YouTube leaves out what is hidden: likeCount by the channel's choice, commentCount where
-- comments are disabled.
select
    account_id,
    item_id as post_id,
    scan_on,
    observed_at,
    (payload #>> '{snippet,publishedAt}')::timestamptz as created_at,
    'original'::text as message_kind,
    null::text as in_reply_to_id,
    (payload #>> '{statistics,likeCount}')::bigint as reactions,
    (payload #>> '{statistics,commentCount}')::bigint as comments,
    null::bigint as shares,
    null::bigint as quotes,
    (payload #>> '{statistics,viewCount}')::bigint as views,
    (payload #>> '{klankbord,text_length}')::integer as text_length,
    extraction_id
from {{ source('raw', 'youtube_posts') }}
