{{ config(
    materialized='growing',
    indexes=[{'columns': ['account_id', 'message_id']}],
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'created_on'}}
) }}
with posts as (
    select distinct on (account_id, post_id)
        account_id,
        platform,
        post_id as message_id,
        message_kind,
        in_reply_to_id,
        created_at
    from {{ ref('int_posts') }}
    order by account_id, post_id, observed_at desc
),

-- a parent may be older than what is open
own_posts as (
    select
        account_id,
        message_id
    from posts
    {% if open_since() %}
        union
        select
            account_id,
            message_id
        from {{ this }}
        where not {{ open('account', 'created_on') }}
    {% endif %}
),

-- own messages that came with the threads only; the posts stream knows its own better
from_threads as (
    select
        own.account_id,
        own.platform,
        own.message_id,
        -- to nobody, to oneself, or to somebody: a parent that we never saw is somebody else's
        case
            when own.in_reply_to_id is null then 'original'
            when parent_post.message_id is not null or parent.is_own then 'continuation'
            else 'reply'
        end as message_kind,
        own.in_reply_to_id,
        own.created_at
    from {{ ref('int_messages') }} as own
    left join posts as same
        on own.account_id = same.account_id and own.message_id = same.message_id
    left join own_posts as parent_post
        on own.account_id = parent_post.account_id and own.in_reply_to_id = parent_post.message_id
    left join {{ ref('int_messages') }} as parent
        on own.account_id = parent.account_id and own.in_reply_to_id = parent.message_id
    where own.is_own and same.message_id is null and {{ open('account', 'own.created_on', 'own') }}
),

outgoing as (
    select * from posts
    union all
    select * from from_threads
)

select
    account_id,
    platform,
    message_id,
    message_kind,
    in_reply_to_id,
    {{ local_date('created_at') }} as created_on,
    created_at
from outgoing
