{{ config(meta={'distributed_by': 'account_id'}) }}
with months as (
    select
        accounts.account_id,
        accounts.organisation_id,
        months.platform,
        accounts.access_tier,
        accounts.is_synthetic,
        months.period_start,
        months.period_end,
        months.last_on,
        months.last_on - {{ var("active_days") }} + 1 as active_since_on
    from {{ ref('int_platform_months') }} as months
    inner join {{ ref('stg_register__accounts') }} as accounts
        on
            months.platform = accounts.platform
            and accounts.role = 'official'
            and {{ valid_on('accounts', 'months.last_on') }}
),

shared as (
    select
        months.account_id,
        months.period_start,
        spans.stream,
        {{ days_shared('months.period_start', 'months.last_on', 'spans.first_on', 'spans.last_on') }}
            as month_days,
        {{ days_shared('months.active_since_on', 'months.last_on', 'spans.first_on', 'spans.last_on') }}
            as active_days
    from months
    left join {{ ref('int_observed_spans') }} as spans on months.account_id = spans.account_id
),

observed as (
    select
        account_id,
        period_start,
        sum(case when stream = 'posts' then month_days else 0 end)::integer as posts_days,
        sum(case when stream = 'outgoing' then month_days else 0 end)::integer as outgoing_days,
        sum(case when stream = 'messages' then month_days else 0 end)::integer as messages_days,
        sum(case when stream = 'posts' then active_days else 0 end)::integer as active_days
    from shared
    group by account_id, period_start
)

select
    months.account_id,
    months.period_start,
    months.period_end,
    months.last_on,
    months.active_since_on,
    months.organisation_id,
    months.platform,
    months.access_tier,
    months.is_synthetic,
    months.last_on - months.period_start + 1 as month_days,
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
from months
inner join observed
    on months.account_id = observed.account_id and months.period_start = observed.period_start
inner join {{ ref('platforms') }} as platforms on months.platform = platforms.platform
left join {{ ref('int_account_states') }} as states on months.account_id = states.account_id
