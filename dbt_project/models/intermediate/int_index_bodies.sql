-- Who is beside whom in a quarter: the size class on its last day, and whether a body's conversations
-- were read on a platform that has any. Peers of the index are those whose were: one tier.
with quarters as (
    select
        period_start,
        max(last_on) as as_of_on,
        bool_or(latest_scan_on > period_end + {{ var("reading_age_days") }}) as is_over,
        bool_or(has_synthetic_accounts) as has_synthetic_accounts
    from {{ ref('int_platform_periods') }}
    where period_kind = 'quarter'
    group by period_start
),

accounts as (
    select
        accounts.organisation_id,
        accounts.period_start,
        bool_or(accounts.access_tier >= 'T2' and platforms.has_messages) as has_conversations,
        bool_or(accounts.is_synthetic) as is_synthetic
    from {{ ref('int_account_periods') }} as accounts
    inner join {{ ref('platforms') }} as platforms on accounts.platform = platforms.platform
    where accounts.period_kind = 'quarter'
    group by accounts.organisation_id, accounts.period_start
)

select
    members.organisation_id,
    quarters.period_start,
    members.group_id,
    quarters.as_of_on,
    accounts.organisation_id is not null as has_account,
    coalesce(accounts.has_conversations, false) as is_peer,
    quarters.is_over,
    coalesce(accounts.is_synthetic, quarters.has_synthetic_accounts) as is_synthetic
from quarters
inner join {{ ref('int_group_members') }} as members
    on quarters.as_of_on = members.as_of_on and members.group_kind = 'size_class'
left join accounts
    on
        members.organisation_id = accounts.organisation_id
        and quarters.period_start = accounts.period_start
