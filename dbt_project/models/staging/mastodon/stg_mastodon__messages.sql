-- Answers by others in the account's threads. Its own replies are statuses: stg_mastodon__posts.
select
    account_id,
    item_id as message_id,
    scan_on,
    observed_at,
    (payload ->> 'created_at')::timestamptz as created_at,
    (payload -> 'klankbord' ->> 'is_own')::boolean as is_own,
    nullif(payload -> 'klankbord' ->> 'author', 'own') as author_pseudonym,
    payload ->> 'in_reply_to_id' as in_reply_to_id,
    {{ question_verdict() }},
    (payload -> 'klankbord' ->> 'text_length')::integer as text_length,
    null::boolean as is_liked_by_owner,
    extraction_id
from {{ source('raw', 'mastodon_messages') }}
