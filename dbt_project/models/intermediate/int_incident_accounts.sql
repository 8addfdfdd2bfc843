{{ config(meta={'distributed_by': 'account_id'}) }}
-- How far an account was read from the alarm on: a moment, not a day, for a scan at eight in the
-- evening says nothing of nine.
with accounts as (
    select
        accounts.account_id,
        accounts.platform,
        accounts.handle,
        accounts.is_synthetic,
        bodies.*
    from {{ ref('int_incident_bodies') }} as bodies
    inner join {{ ref('stg_register__accounts') }} as accounts
        on
            bodies.organisation_id = accounts.organisation_id
            and accounts.role = 'official'
            and {{ valid_on('accounts', 'bodies.alarmed_on') }}
    where
        accounts.platform
        not in (select channels.platform from {{ ref('channels_by_hand') }} as channels)
),

windows as (
    select
        account_id,
        range_agg(tstzrange(window_since, window_until)) as seen
    from {{ ref('stg_outcomes__outcomes') }}
    where stream = 'posts' and status = 'ok'
    group by account_id
),

spans as (
    select
        windows.account_id,
        spans.span
    from windows
    cross join lateral unnest(windows.seen) as spans (span)
)

select
    accounts.account_id,
    accounts.platform,
    accounts.handle,
    accounts.is_synthetic,
    accounts.source,
    accounts.incident_id,
    accounts.organisation_id,
    accounts.body_role,
    accounts.is_concerned,
    accounts.municipality_id,
    accounts.incident_kind,
    accounts.area_confidence,
    states.is_posts_refused,
    accounts.alarmed_at,
    accounts.alarmed_at + interval '{{ var("crisis_window_hours") }} hours' as followed_until_at,
    -- least() alone would pass over a NULL and call what nobody saw watched
    case
        when spans.span is not null
            then least(
                upper(spans.span),
                accounts.alarmed_at + interval '{{ var("crisis_window_hours") }} hours'
            )
    end as observed_until_at
from accounts
left join spans
    on accounts.account_id = spans.account_id and spans.span @> accounts.alarmed_at
left join {{ ref('int_account_states') }} as states on accounts.account_id = states.account_id
