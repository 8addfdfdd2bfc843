select
    figures.group_id,
    groups.group_kind,
    groups.name_nl as group_name_nl,
    groups.name_en as group_name_en,
    groups.country,
    groups.organisation_type,
    figures.platform,
    figures.metric_id,
    metrics.name_nl as metric_name_nl,
    metrics.name_en as metric_name_en,
    metrics.unit,
    metrics.direction,
    figures.period_kind,
    figures.period_start,
    {{ period_name('figures') }} as period,
    figures.value,
    figures.lower,
    figures.upper,
    figures.n,
    figures.n_members,
    figures.coverage,
    figures.mean,
    figures.weighted_mean,
    figures.median,
    figures.p10,
    figures.q1,
    figures.q3,
    figures.p90,
    figures.pooled,
    -- peers are compared on what the lowest access shows of all of them
    metrics.tier as access_tier,
    figures.status,
    figures.missing_reason,
    definitions.definition_id,
    definitions.definition_version,
    definitions.parameters,
    figures.is_synthetic
from {{ ref('fct_group_metric') }} as figures
inner join {{ ref('dim_peer_group') }} as groups on figures.group_id = groups.group_id
inner join {{ ref('dim_metric') }} as metrics on figures.metric_id = metrics.metric_id
inner join {{ ref('dim_definition') }} as definitions
    on figures.metric_id = definitions.metric_id and figures.definition_id = definitions.definition_id
where {{ open('block', 'figures.period_start', 'figures') }}
