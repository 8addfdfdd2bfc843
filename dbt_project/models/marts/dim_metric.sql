-- What vendors do differently travels with every figure as its parameters.
with parameter_sets (parameter_set, parameters) as (
    values
    {{ parameter_sets() }}
)

select
    metrics.metric_id,
    metrics.base_metric_id,
    metrics.theme,
    metrics.name_nl,
    metrics.name_fr,
    metrics.name_en,
    metrics.name_de,
    metrics.description_nl,
    metrics.description_fr,
    metrics.description_en,
    metrics.description_de,
    metrics.caveat_nl,
    metrics.caveat_fr,
    metrics.caveat_en,
    metrics.caveat_de,
    metrics.unit,
    metrics.direction,
    metrics.tier,
    metrics.basis,
    metrics.grain,
    metrics.headline,
    metrics.interval_kind,
    metrics.group_interval_kind,
    metrics.scale,
    -- days of a window that ends with the period; NULL: the period itself
    case when metrics.parameter_set = 'activity' then {{ var("active_days") }} end as window_days,
    metrics.definition_version,
    metrics.is_group_only,
    metrics.is_computed,
    coalesce(parameter_sets.parameters, '{}'::jsonb)
    || jsonb_build_object('aggregation', metrics.aggregation) as parameters
from {{ ref('metrics') }} as metrics
left join parameter_sets on metrics.parameter_set = parameter_sets.parameter_set
