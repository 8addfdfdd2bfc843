{{ config(
    materialized='growing',
    indexes=[{'columns': ['metric_id', 'period_start', 'organisation_id']}],
    meta={'open': {'kind': 'organisation', 'date': 'period_start'}, 'marks_blocks': true}
) }}
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

-- the two figures that an organisation without an account has too; the register alone knows them
declared as (
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
),

measured as (
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
        null as missing_reason,
        is_synthetic
    from declared
    union all
    select
        organisation_id,
        platform,
        metric_id,
        definition_id,
        period_kind,
        period_start,
        last_on,
        value,
        lower,
        upper,
        numerator,
        denominator,
        n_cases,
        coverage,
        access_tier,
        missing_reason,
        is_synthetic
    from {{ ref('fct_account_metric') }}
    where {{ open('organisation', 'period_start') }}
),

periods as (
    select *
    from {{ ref('int_metric_periods') }}
    where not_applicable_reason is null
),

known as (
    select
        measured.*,
        periods.status
    from measured
    inner join periods
        on
            measured.metric_id = periods.metric_id
            and measured.platform = periods.platform
            and measured.period_kind = periods.period_kind
            and measured.period_start = periods.period_start
    union all
    -- what a platform cannot give is said of every account there, whatever was counted
    select
        accounts.organisation_id,
        accounts.platform,
        nothing.metric_id,
        'klankbord' as definition_id,
        accounts.period_kind,
        accounts.period_start,
        accounts.last_on,
        null as value,
        null as lower,
        null as upper,
        null as numerator,
        null as denominator,
        null as n_cases,
        0::double precision as coverage,
        accounts.access_tier,
        'not_applicable' as missing_reason,
        accounts.is_synthetic,
        nothing.status
    from {{ ref('int_account_periods') }} as accounts
    inner join {{ ref('int_metric_periods') }} as nothing
        on
            accounts.platform = nothing.platform
            and accounts.period_kind = nothing.period_kind
            and accounts.period_start = nothing.period_start
    inner join {{ ref('dim_metric') }} as metrics on nothing.metric_id = metrics.metric_id
    where
        nothing.not_applicable_reason is not null
        and not metrics.is_group_only
        and {{ open('organisation', 'accounts.period_start', 'accounts') }}
)

select
    known.organisation_id,
    known.platform,
    known.metric_id,
    known.definition_id,
    known.period_kind,
    known.period_start,
    known.last_on as as_of_on,
    known.value,
    known.lower,
    known.upper,
    known.numerator,
    known.denominator,
    known.n_cases::integer as n_cases,
    known.coverage,
    coalesce(known.access_tier, metrics.tier) as access_tier,
    known.status,
    known.missing_reason,
    known.is_synthetic
from known
inner join {{ ref('dim_metric') }} as metrics on known.metric_id = metrics.metric_id
