{{ config(
    materialized='view',
    meta={'distributed_by': 'account_id', 'view_of': 'fct_response_bin_period'}
) }}
-- What curves are made of, with whose it is and as what the body is counted in that period.
select
    bins.account_id,
    periods.organisation_id,
    periods.platform,
    periods.last_on,
    bins.period_kind,
    bins.period_start,
    bins.clock,
    bins.hours,
    bins.events,
    bins.censored
from {{ ref('fct_response_bin_period') }} as bins
inner join {{ ref('int_account_periods') }} as periods
    on
        bins.account_id = periods.account_id
        and bins.period_kind = periods.period_kind
        and bins.period_start = periods.period_start
