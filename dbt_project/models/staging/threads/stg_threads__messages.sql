-- Answers by others under the account's posts. Its own replies are in stg_threads__posts.
select
    account_id,
    item_id as message_id,
    scan_on,
    observed_at,
    (payload ->> 'timestamp')::timestamptz as created_at,
    (payload -> 'klankbord' ->> 'is_own')::boolean as is_own,
    nullif(payload -> 'klankbord' ->> 'author', 'own') as author_pseudonym,
    payload -> 'replied_to' ->> 'id' as in_reply_to_id,
    {{ question_verdict() }},
    (payload -> 'klankbord' ->> 'text_length')::integer as text_length,
    null::boolean as is_liked_by_owner,
    extraction_id
from {{ source('raw', 'threads_messages') }}
