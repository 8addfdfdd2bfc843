{{ config(materialized='ephemeral', contract={'enforced': false}) }}
-- The two figures that an organisation without an account has too; the register alone knows them.
with presence as not materialized (
    select
        organisations.organisation_id,
        periods.platform,
        periods.period_kind,
        periods.period_start,
        periods.last_on,
        accounts.account_id is not null as has_account,
        accounts.access_tier,
        -- "no account" is as made up as the accounts that the register does know
        coalesce(accounts.is_synthetic, periods.has_synthetic_accounts) as is_synthetic
    from {{ ref('int_platform_periods') }} as periods
    inner join {{ ref('int_organisations_at') }} as organisations
        on periods.last_on = organisations.as_of_on
    left join {{ ref('int_account_periods') }} as accounts
        on
            organisations.organisation_id = accounts.organisation_id
            and periods.platform = accounts.platform
            and periods.period_kind = accounts.period_kind
            and periods.period_start = accounts.period_start
),

figures as (
    select
        'M01' as metric_id,
        presence.*,
        case when presence.has_account then 1 else 0 end::double precision as value,
        1 as n_cases
    from presence
    where {{ open('organisation', 'presence.period_start', 'presence') }}
    union all
    select
        'M02' as metric_id,
        presence.*,
        0::double precision as value,
        0 as n_cases
    from presence
    where not presence.has_account and {{ open('organisation', 'presence.period_start', 'presence') }}
)

select
    organisation_id,
    platform,
    metric_id,
    'klankbord' as definition_id,
    period_kind,
    period_start,
    last_on,
    value,
    null::double precision as lower,
    null::double precision as upper,
    value as numerator,
    1::double precision as denominator,
    n_cases,
    1::double precision as coverage,
    access_tier,
    null::text as missing_reason,
    is_synthetic
from figures
