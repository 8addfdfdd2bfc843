{{ config(
    materialized='growing',
    indexes=[{'columns': ['account_id', 'message_id']}],
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'created_on'}}
) }}
-- No platform tells when a message was liked or removed: both are what the first scan found a week after
-- it or later, so that nothing moves once it is told. It counts with the owner's insights alone: it is
-- taken for granted that Graph refuses them to every token but the page's, an administrator's own too.
with scans as (
    select
        threads.account_id,
        threads.scan_on,
        threads.window_since,
        threads.window_until
    from {{ ref('stg_outcomes__outcomes') }} as threads
    inner join {{ ref('stg_outcomes__outcomes') }} as owners
        on
            threads.account_id = owners.account_id
            and threads.scan_on = owners.scan_on
            and owners.stream = 'insights'
            and owners.status = 'ok'
    where
        threads.stream = 'messages'
        and threads.status = 'ok'
        and {{ open('account', 'threads.scan_on', 'threads') }}
),

closed as (
    select distinct on (messages.account_id, messages.message_id)
        messages.account_id,
        messages.message_id,
        messages.platform,
        messages.created_on,
        messages.created_at + interval '{{ var("window_hours") }} hours' as closes_at,
        scans.scan_on as judged_on
    from {{ ref('int_messages') }} as messages
    inner join scans
        on
            messages.account_id = scans.account_id
            and messages.created_at >= scans.window_since
            and messages.created_at + interval '{{ var("window_hours") }} hours' <= scans.window_until
    where
        not messages.is_own
        and messages.platform in {{ listed(var("platforms_with_own_likes")) }}
        and {{ open('account', 'messages.created_on', 'messages') }}
    order by messages.account_id, messages.message_id, scans.scan_on
),

readings as (
    {{ union_platforms(
        'messages',
        ['account_id', 'message_id', 'scan_on', 'observed_at', 'is_liked_by_owner'],
        where=open_scans(),
        platforms=var('platforms_with_own_likes')
    ) }}
),

-- what has not changed is not landed again: the latest reading until then is what stood there
told as (
    select distinct on (closed.account_id, closed.message_id)
        closed.account_id,
        closed.message_id,
        readings.is_liked_by_owner
    from closed
    inner join readings
        on
            closed.account_id = readings.account_id
            and closed.message_id = readings.message_id
            and closed.judged_on >= readings.scan_on
    order by closed.account_id, closed.message_id, readings.scan_on desc, readings.observed_at desc
),

handled as (
    select
        closed.account_id,
        closed.message_id,
        closed.platform,
        closed.created_on,
        closed.judged_on,
        coalesce(responses.responded_at <= closed.closes_at, false) as is_answered,
        told.is_liked_by_owner as is_liked,
        tombstones.item_id is not null as is_removed
    from closed
    left join told
        on closed.account_id = told.account_id and closed.message_id = told.message_id
    left join {{ ref('int_first_responses') }} as responses
        on closed.account_id = responses.account_id and closed.message_id = responses.message_id
    left join {{ ref('stg_outcomes__tombstones') }} as tombstones
        on
            closed.account_id = tombstones.account_id
            and tombstones.stream = 'messages'
            and closed.message_id = tombstones.item_id
            and closed.judged_on >= tombstones.scan_on
)

select
    *,
    -- answers alone would be another figure: where nobody told of likes it is not known
    case when is_liked is not null then is_answered or is_liked or is_removed end as is_handled
from handled
