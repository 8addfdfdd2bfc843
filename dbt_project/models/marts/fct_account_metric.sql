{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'period_start'}}
) }}
-- A line a metric: was it observed, was it refused, on how many days; numerator, denominator, number
-- of cases; and its value, where that is not scale x numerator / denominator.
with figures as (
    {{ union_figures([
        'account_id', 'period_kind', 'period_start', 'metric_id', 'definition_id', 'is_observed',
        'is_refused', 'observed_days', 'numerator', 'denominator', 'n_cases', 'own_value',
        'own_lower', 'own_upper',
    ]) }}
),

valued as (
    select
        figures.*,
        periods.organisation_id,
        periods.platform,
        periods.last_on,
        -- what is measured over its own days is covered on those
        coalesce(metrics.window_days, periods.period_days) as window_days,
        periods.access_tier,
        periods.is_synthetic,
        coalesce(
            figures.own_value,
            metrics.scale * figures.numerator / nullif(figures.denominator, 0)
        ) as known_value
    from figures
    inner join {{ ref('int_account_periods') }} as periods
        on
            figures.account_id = periods.account_id
            and figures.period_kind = periods.period_kind
            and figures.period_start = periods.period_start
    inner join {{ ref('dim_metric') }} as metrics on figures.metric_id = metrics.metric_id
    where {{ open('account', 'figures.period_start', 'figures') }}
)

select
    account_id,
    metric_id,
    definition_id,
    period_kind,
    period_start,
    organisation_id,
    platform,
    last_on,
    case when is_observed then known_value end as value,
    case when is_observed then own_lower end as lower,
    case when is_observed then own_upper end as upper,
    case when is_observed then numerator end as numerator,
    case when is_observed then denominator end as denominator,
    case when is_observed then n_cases end as n_cases,
    observed_days::double precision / window_days as coverage,
    access_tier,
    case
        when is_observed and known_value is not null then null
        when is_observed then 'not_applicable'
        when is_refused then 'refused'
        else 'not_observed'
    end as missing_reason,
    is_synthetic
from valued
