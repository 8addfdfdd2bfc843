{{ config(meta={'distributed_by': 'account_id'}) }}
-- Each message climbs to the one that began its conversation; where that was never seen, it is in
-- none. A repost begins nothing. What is open began on an open day, so that all of its messages are of
-- open days too, or by a clock that runs fast of the day before: years of others need not be read.
with recursive messages as not materialized (
    select
        account_id,
        message_id,
        in_reply_to_id,
        created_on,
        created_at
    from {{ ref('int_outgoing_messages') }}
    where message_kind <> 'repost' and {{ open('account', 'created_on', days=1) }}
    union all
    select
        account_id,
        message_id,
        in_reply_to_id,
        created_on,
        created_at
    from {{ ref('int_messages') }}
    where not is_own and {{ open('account', 'created_on', days=1) }}
),

climb as (
    select
        account_id,
        message_id,
        created_at,
        in_reply_to_id as ancestor_id,
        1 as depth
    from messages
    where in_reply_to_id is not null
    union all
    select
        climb.account_id,
        climb.message_id,
        climb.created_at,
        messages.in_reply_to_id,
        climb.depth + 1 as depth
    from climb
    inner join messages
        on climb.account_id = messages.account_id and climb.ancestor_id = messages.message_id
    -- the cap ends a circle of broken parent links
    where messages.in_reply_to_id is not null and climb.depth < 20
)

select
    climb.account_id,
    climb.message_id,
    roots.message_id as thread_id,
    climb.created_at,
    roots.created_at as thread_created_at
from climb
inner join messages as roots
    on climb.account_id = roots.account_id and climb.ancestor_id = roots.message_id
where
    roots.in_reply_to_id is null
    and {{ open('account', 'roots.created_on', 'roots') }}
