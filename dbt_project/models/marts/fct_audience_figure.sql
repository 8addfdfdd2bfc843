{{ config(materialized='view', meta={'distributed_by': 'account_id'}) }}
-- One reading stands for its whole period.
select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    'M05' as metric_id,
    'klankbord' as definition_id,
    audience.followers is not null and coalesce(inhabitants_at.inhabitants > 0, false)
        as is_observed,
    periods.is_profiles_refused and audience.followers is null as is_refused,
    case when audience.followers is not null then periods.period_days else 0 end as observed_days,
    audience.followers::double precision as numerator,
    inhabitants_at.inhabitants::double precision as denominator,
    1::bigint as n_cases,
    null::double precision as own_value,
    null::double precision as own_lower,
    null::double precision as own_upper
from {{ ref('int_account_periods') }} as periods
left join {{ ref('fct_audience_period') }} as audience
    on
        periods.account_id = audience.account_id
        and periods.period_kind = audience.period_kind
        and periods.period_start = audience.period_start
left join {{ ref('int_inhabitants_at') }} as inhabitants_at
    on
        periods.organisation_id = inhabitants_at.organisation_id
        and periods.last_on = inhabitants_at.as_of_on
