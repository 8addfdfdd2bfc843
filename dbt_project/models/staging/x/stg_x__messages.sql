-- Mentions by others. The account's own replies are on its timeline: stg_x__posts.
select
    account_id,
    item_id as message_id,
    scan_on,
    observed_at,
    (payload ->> 'created_at')::timestamptz as created_at,
    (payload -> 'klankbord' ->> 'is_own')::boolean as is_own,
    nullif(payload -> 'klankbord' ->> 'author', 'own') as author_pseudonym,
    -- two names of one field: X renamed it on 2026-08-07
    jsonb_path_query_first(
        coalesce(payload -> 'referenced_posts', payload -> 'referenced_tweets'),
        '$[*] ? (@.type == "replied_to").id'
    ) #>> '{}' as in_reply_to_id,
    {{ question_verdict() }},
    (payload -> 'klankbord' ->> 'text_length')::integer as text_length,
    null::boolean as is_liked_by_owner,
    extraction_id
from {{ source('raw', 'x_messages') }}
