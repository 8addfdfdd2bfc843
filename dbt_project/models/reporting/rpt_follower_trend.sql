select
    figures.organisation_id,
    organisations.name_nl as organisation_name_nl,
    figures.platform,
    figures.metric_id,
    figures.period_kind,
    figures.period_start,
    {{ period_name('figures') }} as period,
    figures.numerator::bigint as followers,
    organisations.inhabitants,
    figures.value,
    peers.median as group_median,
    figures.coverage,
    figures.access_tier,
    figures.status,
    figures.missing_reason,
    figures.definition_id,
    definitions.definition_version,
    figures.is_synthetic
from {{ ref('fct_metric') }} as figures
inner join {{ ref('dim_organisation') }} as organisations
    on
        figures.organisation_id = organisations.organisation_id
        and figures.as_of_on = organisations.as_of_on
inner join {{ ref('dim_definition') }} as definitions
    on figures.metric_id = definitions.metric_id and figures.definition_id = definitions.definition_id
left join {{ ref('fct_group_metric') }} as peers
    on
        organisations.size_group_id = peers.group_id
        and figures.platform = peers.platform
        and figures.metric_id = peers.metric_id
        and figures.definition_id = peers.definition_id
        and figures.period_kind = peers.period_kind
        and figures.period_start = peers.period_start
where
    figures.metric_id = 'M05'
    and figures.definition_id = 'klankbord'
    and figures.missing_reason is distinct from 'not_applicable'
    and {{ open('block', 'figures.period_start', 'figures') }}
