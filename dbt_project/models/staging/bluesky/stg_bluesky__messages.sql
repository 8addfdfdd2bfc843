-- Citizens' answers in the account's threads. Its own replies are posts: stg_bluesky__posts.
select
    account_id,
    item_id as message_id,
    scan_on,
    observed_at,
    (payload -> 'post' -> 'record' ->> 'createdAt')::timestamptz as created_at,
    (payload -> 'klankbord' ->> 'is_own')::boolean as is_own,
    nullif(payload -> 'klankbord' ->> 'author', 'own') as author_pseudonym,
    payload -> 'post' -> 'record' -> 'reply' -> 'parent' ->> 'uri' as in_reply_to_id,
    {{ question_verdict() }},
    (payload -> 'klankbord' ->> 'text_length')::integer as text_length,
    null::boolean as is_liked_by_owner,
    extraction_id
from {{ source('raw', 'bluesky_messages') }}
