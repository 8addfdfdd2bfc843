{{ config(meta={'distributed_by': 'account_id'}) }}
-- Own answers are few and threads are many: so each answer climbs to its ancestors, instead of each
-- message searching its descendants. What lies between an open message and its answer is of open days
-- too, or by a clock that runs fast of the day before: years of others need not be read.
with recursive messages as not materialized (
    select
        account_id,
        message_id,
        in_reply_to_id,
        created_on,
        created_at,
        true as is_own,
        false as is_asked
    from {{ ref('int_outgoing_messages') }}
    where {{ open('account', 'created_on', days=1) }}
    union all
    select
        account_id,
        message_id,
        in_reply_to_id,
        created_on,
        created_at,
        false as is_own,
        -- M27 asks of every message, where a platform tells what else became of it
        is_question or platform in {{ listed(var("platforms_with_own_likes")) }} as is_asked
    from {{ ref('int_messages') }}
    where not is_own and {{ open('account', 'created_on', days=1) }}
),

climb as (
    select
        account_id,
        message_id as response_id,
        created_at as responded_at,
        in_reply_to_id as ancestor_id,
        1 as depth
    from messages
    where is_own and in_reply_to_id is not null
    union all
    select
        climb.account_id,
        climb.response_id,
        climb.responded_at,
        messages.in_reply_to_id,
        climb.depth + 1 as depth
    from climb
    inner join messages
        on climb.account_id = messages.account_id and climb.ancestor_id = messages.message_id
    -- the cap ends a circle of broken parent links
    where messages.in_reply_to_id is not null and climb.depth < 20
)

select distinct on (said.account_id, said.message_id)
    said.account_id,
    said.message_id,
    climb.response_id,
    climb.responded_at
from climb
inner join messages as said
    on climb.account_id = said.account_id and climb.ancestor_id = said.message_id
where
    said.is_asked
    and {{ open('account', 'said.created_on', 'said') }}
    -- clocks of some platforms are self-declared: an answer from before its question is none; one
    -- that comes faster than a person reads and writes is a machine's
    and climb.responded_at
    >= said.created_at + interval '{{ var("automatic_reply_seconds") }} seconds'
order by said.account_id, said.message_id, climb.responded_at, climb.response_id
