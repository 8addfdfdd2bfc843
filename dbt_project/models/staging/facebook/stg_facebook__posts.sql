select
    account_id,
    item_id as post_id,
    scan_on,
    observed_at,
    (payload ->> 'created_time')::timestamptz as created_at,
    -- Graph gives parent_id with what was shared from somebody else. Its status_type says
    -- shared_story of any post with a link, so it tells nothing.
    case when payload ->> 'parent_id' is not null then 'repost' else 'original' end as message_kind,
    null::text as in_reply_to_id,
    (payload #>> '{reactions,summary,total_count}')::bigint as reactions,
    -- direct answers only: the edge is asked for with filter toplevel
    (payload #>> '{comments,summary,total_count}')::bigint as comments,
    -- Graph leaves shares out of a post that nobody shared: where the answer has the other counters,
    -- its absence is Graph's way to say zero; where it has none, nothing was measured
    case
        when payload -> 'shares' is not null then (payload #>> '{shares,count}')::bigint
        when payload #>> '{reactions,summary,total_count}' is not null then 0
    end as shares,
    null::bigint as quotes,
    null::bigint as views,
    (payload #>> '{klankbord,text_length}')::integer as text_length,
    extraction_id
from {{ source('raw', 'facebook_posts') }}
