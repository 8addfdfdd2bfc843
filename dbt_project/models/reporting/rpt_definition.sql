select
    definitions.metric_id,
    definitions.definition_id,
    definitions.definition_version,
    metrics.name_nl as metric_name_nl,
    metrics.name_en as metric_name_en,
    metrics.unit,
    metrics.direction,
    metrics.tier as access_tier,
    definitions.parameters
from {{ ref('dim_definition') }} as definitions
inner join {{ ref('dim_metric') }} as metrics on definitions.metric_id = metrics.metric_id
where metrics.is_computed
