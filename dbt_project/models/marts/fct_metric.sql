{{ config(
    materialized='growing',
    indexes=[{'columns': ['metric_id', 'period_start', 'organisation_id']}],
    meta={'open': {'kind': 'organisation', 'date': 'period_start'}, 'marks_blocks': true}
) }}
{%- set figure = [
    'organisation_id', 'platform', 'metric_id', 'definition_id', 'period_kind', 'period_start',
    'last_on', 'value', 'lower', 'upper', 'numerator', 'denominator', 'n_cases', 'coverage',
    'access_tier', 'missing_reason', 'is_synthetic',
] | join(', ') %}
with measured as (
    select {{ figure }}
    from {{ ref('fct_register_figure') }}
    union all
    select {{ figure }}
    from {{ ref('fct_account_metric') }}
    where {{ open('organisation', 'period_start') }}
),

known as (
    select
        measured.*,
        periods.status
    from measured
    inner join {{ ref('int_metric_periods') }} as periods
        on
            measured.metric_id = periods.metric_id
            and measured.platform = periods.platform
            and measured.period_kind = periods.period_kind
            and measured.period_start = periods.period_start
            and periods.not_applicable_reason is null
    union all
    select
        {{ figure }},
        status
    from {{ ref('fct_platform_gap') }}
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
