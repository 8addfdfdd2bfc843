-- A feed has no counters: what is counted is how often something was published.
select
    account_id,
    item_id as post_id,
    scan_on,
    observed_at,
    (payload ->> 'created_at')::timestamptz as created_at,
    'original'::text as message_kind,
    null::text as in_reply_to_id,
    null::bigint as reactions,
    null::bigint as comments,
    null::bigint as shares,
    null::bigint as quotes,
    null::bigint as views,
    (payload -> 'klankbord' ->> 'text_length')::integer as text_length,
    extraction_id
from {{ source('raw', 'website_posts') }}
