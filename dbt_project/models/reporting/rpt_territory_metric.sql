select
    figures.territory_on,
    figures.territory_id,
    territories.organisation_id,
    territories.name_nl as territory_name_nl,
    territories.map_bodies,
    territories.country,
    territories.organisation_type,
    figures.inhabitants,
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
    figures.numerator,
    figures.denominator,
    figures.n_cases,
    figures.n_bodies,
    figures.n_figures,
    figures.coverage,
    figures.access_tier,
    figures.status,
    figures.missing_reason,
    reasons.reason_nl,
    reasons.reason_fr,
    reasons.reason_en,
    reasons.reason_de,
    definitions.definition_id,
    definitions.definition_version,
    definitions.parameters,
    figures.is_synthetic
from {{ ref('fct_territory_metric') }} as figures
inner join {{ ref('dim_territory') }} as territories
    on
        figures.territory_on = territories.territory_on
        and figures.territory_id = territories.territory_id
inner join {{ ref('dim_metric') }} as metrics on figures.metric_id = metrics.metric_id
inner join {{ ref('dim_definition') }} as definitions
    on figures.metric_id = definitions.metric_id and figures.definition_id = definitions.definition_id
left join {{ ref('territory_reasons') }} as reasons on figures.reason_code = reasons.reason_code
