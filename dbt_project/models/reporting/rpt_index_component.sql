-- What an index is made of; of a body without one, what is known all the same.
select
    components.organisation_id,
    components.group_id,
    'quarter' as period_kind,
    components.period_start,
    to_char(components.period_start, 'YYYY"-Q"Q') as period,
    components.component,
    components.component_order,
    weights.name_nl as component_nl,
    weights.name_fr as component_fr,
    weights.name_en as component_en,
    weights.name_de as component_de,
    weights.reason_nl as weight_reason_nl,
    weights.reason_en as weight_reason_en,
    weights.weight as published_weight,
    components.weight,
    components.score,
    components.mean_percentile,
    components.n_peers,
    components.n_platforms,
    components.platforms,
    components.missing_reason,
    reasons.name_nl as missing_reason_nl,
    reasons.name_en as missing_reason_en,
    bodies.is_synthetic
from {{ ref('fct_index_component') }} as components
inner join {{ ref('index_weights') }} as weights on components.component = weights.component
inner join {{ ref('fct_index') }} as bodies
    on
        components.organisation_id = bodies.organisation_id
        and components.period_start = bodies.period_start
left join {{ ref('index_reasons') }} as reasons on components.missing_reason = reasons.reason_code
-- of few, a place is not told
where bodies.n >= {{ var("minimum_quartile_size") }}
