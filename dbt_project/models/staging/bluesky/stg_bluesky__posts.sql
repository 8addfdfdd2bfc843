-- at://<DID>/<collection>/<key>: the third part of a URI says whose post it is. A foreign DID is a
-- pseudonym by now, the account's own is not.
with readings as (
    select
        *,
        payload -> 'post' as post,
        payload -> 'post' -> 'record' -> 'reply' -> 'parent' ->> 'uri' as parent_uri,
        -- only a repost's reason has a moment
        (payload -> 'reason' ->> 'indexedAt')::timestamptz as reposted_at
    from {{ source('raw', 'bluesky_posts') }}
)

select
    account_id,
    item_id as post_id,
    scan_on,
    observed_at,
    coalesce(reposted_at, (post -> 'record' ->> 'createdAt')::timestamptz) as created_at,
    case
        when reposted_at is not null then 'repost'
        when parent_uri is null then 'original'
        when split_part(parent_uri, '/', 3) = split_part(post ->> 'uri', '/', 3) then 'continuation'
        else 'reply'
    end as message_kind,
    case when reposted_at is null then parent_uri end as in_reply_to_id,
    -- what a repost's post has earned belongs to its author
    case when reposted_at is null then (post ->> 'likeCount')::bigint end as reactions,
    case when reposted_at is null then (post ->> 'replyCount')::bigint end as comments,
    case when reposted_at is null then (post ->> 'repostCount')::bigint end as shares,
    case when reposted_at is null then (post ->> 'quoteCount')::bigint end as quotes,
    null::bigint as views,
    (payload -> 'klankbord' ->> 'text_length')::integer as text_length,
    extraction_id
from readings
