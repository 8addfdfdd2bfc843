{{ config(meta={'distributed_by': 'account_id'}) }}
with matched as (
    select
        *,
        lag(created_at) over (
            partition by account_id, source, incident_id order by created_at, post_id
        ) as before_at
    from {{ ref('int_incident_posts') }}
    where match_level in ('confirmed', 'certain', 'probable')
),

first_messages as (
    select distinct on (account_id, source, incident_id)
        account_id,
        source,
        incident_id,
        post_id,
        confidence,
        match_level,
        created_at
    from matched
    order by account_id, source, incident_id, created_at, post_id
)

select
    accounts.account_id,
    accounts.source,
    accounts.incident_id,
    first_messages.post_id as first_post_id,
    first_messages.confidence,
    first_messages.match_level,
    -- seen, and everything between the alarm and it
    coalesce(
        accounts.observed_until_at
        >= least(first_messages.created_at, accounts.followed_until_at),
        false
    ) as is_first_observed,
    count(matched.post_id) as messages,
    percentile_cont(0.5) within group (
        order by extract(epoch from matched.created_at - matched.before_at) / 60.0
    ) as median_update_gap_minutes,
    first_messages.created_at as first_message_at
from {{ ref('int_incident_accounts') }} as accounts
inner join first_messages
    on
        accounts.account_id = first_messages.account_id
        and accounts.source = first_messages.source
        and accounts.incident_id = first_messages.incident_id
-- a message that a person added later than the window is a first message, and no update
left join matched
    on
        accounts.account_id = matched.account_id
        and accounts.source = matched.source
        and accounts.incident_id = matched.incident_id
        and accounts.followed_until_at > matched.created_at
group by
    accounts.account_id, accounts.source, accounts.incident_id, first_messages.post_id,
    first_messages.confidence, first_messages.match_level, first_messages.created_at,
    accounts.observed_until_at, accounts.followed_until_at
