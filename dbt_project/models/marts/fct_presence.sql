{{ config(
    materialized='growing',
    meta={'open': {'kind': 'date', 'date': 'period_start'}}
) }}
-- What nothing can be asked of is counted from the register alone: no scan, no tier, no coverage.
with days as (
    select
        period_kind,
        period_start,
        max(last_on) as as_of_on
    from {{ ref('int_platform_periods') }}
    where {{ open('date', 'period_start') }}
    group by period_kind, period_start
),

organisations as (
    select
        organisations.organisation_id,
        channels.platform,
        days.period_kind,
        days.period_start,
        days.as_of_on
    from days
    inner join {{ ref('stg_register__organisations') }} as organisations
        on {{ valid_on('organisations', 'days.as_of_on') }}
    cross join {{ ref('channels_by_hand') }} as channels
)

select
    organisations.organisation_id,
    organisations.platform,
    organisations.period_kind,
    organisations.period_start,
    organisations.as_of_on,
    count(accounts.account_id)::integer as accounts,
    count(accounts.account_id) > 0 as is_present,
    coalesce(bool_or(accounts.is_synthetic), false) as is_synthetic
from organisations
left join {{ ref('stg_register__accounts') }} as accounts
    on
        organisations.organisation_id = accounts.organisation_id
        and organisations.platform = accounts.platform
        and accounts.role = 'official'
        and {{ valid_on('accounts', 'organisations.as_of_on') }}
group by
    organisations.organisation_id,
    organisations.platform,
    organisations.period_kind,
    organisations.period_start,
    organisations.as_of_on
