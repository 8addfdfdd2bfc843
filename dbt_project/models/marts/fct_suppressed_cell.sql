{{ config(
    materialized='growing',
    meta={'open': {'kind': 'block', 'date': 'period_start'}}
) }}
-- Which cells of fct_group_statistic nobody sees, and why; the reason stays in the house.
with cells as (
    select
        statistics.group_id,
        statistics.platform,
        statistics.metric_id,
        statistics.definition_id,
        statistics.period_kind,
        statistics.period_start,
        metrics.base_metric_id,
        coalesce(families.family, metrics.base_metric_id) as family,
        date_trunc('quarter', statistics.period_start)::date as quarter_start
    from {{ ref('fct_group_statistic') }} as statistics
    inner join {{ ref('dim_metric') }} as metrics on statistics.metric_id = metrics.metric_id
    left join {{ ref('disclosure_families') }} as families
        on metrics.base_metric_id = families.metric_id
    where {{ open('block', 'statistics.period_start', 'statistics') }}
)

select
    cells.group_id,
    cells.platform,
    cells.metric_id,
    cells.definition_id,
    cells.period_kind,
    cells.period_start,
    coalesce(sensitive.suppression_reason, 'secondary') as suppression_reason
from cells
left join {{ ref('fct_sensitive_cell') }} as sensitive
    on
        cells.group_id = sensitive.group_id
        and cells.platform = sensitive.platform
        and cells.base_metric_id = sensitive.metric_id
        and cells.definition_id = sensitive.definition_id
        and cells.period_kind = sensitive.period_kind
        and cells.period_start = sensitive.period_start
left join {{ ref('fct_hidden_group') }} as hidden
    on
        cells.group_id = hidden.group_id
        and cells.platform = hidden.platform
        and cells.family = hidden.family
        and cells.quarter_start = hidden.quarter_start
where sensitive.group_id is not null or hidden.group_id is not null
