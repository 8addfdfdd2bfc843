-- What a reading of an own post repeats or quotes, where the platform names it in a form that survives
-- privacy: X by id, Bluesky by the last part of the address (the key is unique in time, and the part
-- before it names a person). What a post of Facebook or LinkedIn shares is stored as a pseudonym, and
-- Mastodon numbers it anew on every server: there nothing can be compared.
select distinct
    posts.account_id,
    posts.item_id as post_id,
    posts.scan_on,
    'x'::text as platform,
    case when named.reference ->> 'type' = 'quoted' then 'quote' else 'repost' end as reference_kind,
    named.reference ->> 'id' as referenced_key
from {{ source('raw', 'x_posts') }} as posts
cross join
    lateral jsonb_array_elements(
        coalesce(posts.payload -> 'referenced_posts', posts.payload -> 'referenced_tweets')
    ) as named (reference)
where named.reference ->> 'type' in ('retweeted', 'reposted', 'quoted')
union all
select
    account_id,
    item_id as post_id,
    scan_on,
    'bluesky'::text as platform,
    'repost' as reference_kind,
    split_part(payload #>> '{post,uri}', '/', 5) as referenced_key
from {{ source('raw', 'bluesky_posts') }}
where payload -> 'reason' ->> 'indexedAt' is not null
