{{ config(materialized='view', meta={'view_of': 'fct_change'}) }}
-- The interval of the difference is made of both intervals (MOVER; of two shares it is Newcombe's
-- method 10). What is counted in full has no interval: there a difference is a difference.
with bounded as (
    select
        *,
        change - sqrt((value - lower) ^ 2 + (before_upper - before_value) ^ 2) as change_lower,
        change + sqrt((upper - value) ^ 2 + (before_value - before_lower) ^ 2) as change_upper
    from {{ ref('fct_change') }}
)

select
    organisation_id,
    platform,
    metric_id,
    period_kind,
    period_start,
    before_start,
    as_of_on,
    change_kind,
    value,
    before_value,
    n_cases,
    before_n_cases,
    missing_reason,
    before_missing_reason,
    change,
    case when before_value > 0 then change / before_value end as change_share,
    case when is_estimated then change_lower end as change_lower,
    case when is_estimated then change_upper end as change_upper,
    case
        when change is null then null
        when not is_estimated and change = 0 then 'same'
        when not is_estimated then case when change > 0 then 'higher' else 'lower' end
        when change_lower > 0 then 'higher'
        when change_upper < 0 then 'lower'
        when change_lower is not null and change_upper is not null then 'not_distinguishable'
    end as verdict,
    is_synthetic
from bounded
