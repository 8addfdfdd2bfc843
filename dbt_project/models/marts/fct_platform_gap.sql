{{ config(materialized='ephemeral', contract={'enforced': false}) }}
-- Said of every account there, whatever was counted.
select
    accounts.organisation_id,
    accounts.platform,
    gaps.metric_id,
    'klankbord' as definition_id,
    accounts.period_kind,
    accounts.period_start,
    accounts.last_on,
    null::double precision as value,
    null::double precision as lower,
    null::double precision as upper,
    null::double precision as numerator,
    null::double precision as denominator,
    null::integer as n_cases,
    0::double precision as coverage,
    accounts.access_tier,
    'not_applicable' as missing_reason,
    accounts.is_synthetic,
    gaps.status
from {{ ref('int_account_periods') }} as accounts
inner join {{ ref('int_metric_periods') }} as gaps
    on
        accounts.platform = gaps.platform
        and accounts.period_kind = gaps.period_kind
        and accounts.period_start = gaps.period_start
inner join {{ ref('dim_metric') }} as metrics on gaps.metric_id = metrics.metric_id
where
    gaps.not_applicable_reason is not null
    and not metrics.is_group_only
    and {{ open('organisation', 'accounts.period_start', 'accounts') }}
