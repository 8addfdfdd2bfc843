select
    readings.account_id,
    readings.item_id as post_id,
    readings.scan_on,
    readings.observed_at,
    to_timestamp(
        coalesce(readings.payload ->> 'publishedAt', readings.payload ->> 'createdAt')::numeric
        / 1000
    ) as created_at,
    case
        when readings.payload #> '{reshareContext,parent}' is not null then 'repost'
        else 'original'
    end as message_kind,
    null::text as in_reply_to_id,
    -- LinkedIn lists the kinds that somebody gave: an empty list says that nobody gave any
    case
        when readings.payload #> '{socialMetadata,reactionSummaries}' = '{}' then 0
        else kinds.reactions
    end as reactions,
    -- direct answers only, as on the other platforms; the summary's count has those below them too
    (readings.payload #>> '{socialMetadata,commentSummary,topLevelCount}')::bigint as comments,
    -- Community Management says it in a post's statistics, the DMA in its analytics
    coalesce(
        readings.payload #>> '{shareStatistics,shareCount}',
        readings.payload #>> '{contentAnalytics,REPOSTS}'
    )::bigint as shares,
    null::bigint as quotes,
    null::bigint as views,
    (readings.payload #>> '{klankbord,text_length}')::integer as text_length,
    readings.extraction_id
from {{ source('raw', 'linkedin_posts') }} as readings
cross join lateral (
    select sum((one.kind ->> 'count')::bigint)::bigint as reactions
    from jsonb_each(readings.payload #> '{socialMetadata,reactionSummaries}') as one (name, kind)
) as kinds
