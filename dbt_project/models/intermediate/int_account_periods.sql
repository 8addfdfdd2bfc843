{{ config(
    materialized='growing',
    indexes=[{'columns': ['account_id']}],
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'period_start'}}
) }}
with periods as (
    select
        accounts.account_id,
        accounts.organisation_id,
        periods.platform,
        accounts.access_tier,
        accounts.is_synthetic,
        periods.period_kind,
        periods.period_start,
        periods.period_end,
        periods.last_on,
        periods.last_on - {{ var("active_days") }} + 1 as active_since_on
    from {{ ref('int_platform_periods') }} as periods
    inner join {{ ref('stg_register__accounts') }} as accounts
        on
            periods.platform = accounts.platform
            and accounts.role = 'official'
            and {{ valid_on('accounts', 'periods.last_on') }}
    -- an account may be older than its body, or outlive it: a page of the towns that merge
    inner join {{ ref('stg_register__organisations') }} as bodies
        on
            accounts.organisation_id = bodies.organisation_id
            and {{ valid_on('bodies', 'periods.last_on') }}
    where {{ open('account', 'periods.period_start', 'accounts') }}
),

shared as (
    select
        periods.account_id,
        periods.period_kind,
        periods.period_start,
        spans.stream,
        {{ days_shared('periods.period_start', 'periods.last_on', 'spans.first_on', 'spans.last_on') }}
            as period_days,
        {{ days_shared('periods.active_since_on', 'periods.last_on', 'spans.first_on', 'spans.last_on') }}
            as active_days
    from periods
    left join {{ ref('int_observed_spans') }} as spans on periods.account_id = spans.account_id
),

observed as (
    select
        account_id,
        period_kind,
        period_start,
        sum(case when stream = 'posts' then period_days else 0 end)::integer as posts_days,
        sum(case when stream = 'outgoing' then period_days else 0 end)::integer as outgoing_days,
        sum(case when stream = 'messages' then period_days else 0 end)::integer as messages_days,
        sum(case when stream = 'posts' then active_days else 0 end)::integer as active_days
    from shared
    group by account_id, period_kind, period_start
)

select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    periods.period_end,
    periods.last_on,
    periods.active_since_on,
    periods.organisation_id,
    periods.platform,
    periods.access_tier,
    periods.is_synthetic,
    periods.last_on - periods.period_start + 1 as period_days,
    observed.posts_days,
    observed.outgoing_days,
    observed.messages_days,
    observed.active_days,
    coalesce(states.is_profiles_refused, false) as is_profiles_refused,
    coalesce(states.is_posts_refused, false) as is_posts_refused,
    coalesce(states.is_messages_refused, false) as is_messages_refused,
    coalesce(
        states.is_posts_refused
        or (states.is_messages_refused and platforms.replies_stream = 'messages'),
        false
    ) as is_outgoing_refused
from periods
inner join observed
    on
        periods.account_id = observed.account_id
        and periods.period_kind = observed.period_kind
        and periods.period_start = observed.period_start
inner join {{ ref('platforms') }} as platforms on periods.platform = platforms.platform
left join {{ ref('int_account_states') }} as states on periods.account_id = states.account_id
