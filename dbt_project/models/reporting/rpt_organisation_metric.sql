select
    figures.organisation_id,
    organisations.name_nl as organisation_name_nl,
    organisations.name_en as organisation_name_en,
    organisations.country,
    organisations.organisation_type,
    organisations.organisation_type_nl,
    organisations.organisation_type_en,
    organisations.province_code,
    organisations.province_name_nl,
    organisations.region_code,
    organisations.size_class,
    organisations.inhabitants,
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
    figures.numerator,
    figures.denominator,
    figures.n_cases,
    figures.coverage,
    figures.access_tier,
    figures.status,
    figures.missing_reason,
    definitions.definition_id,
    definitions.definition_version,
    definitions.parameters,
    figures.is_synthetic,
    organisations.size_group_id as group_id,
    peers.n as group_n,
    peers.n_members as group_n_members,
    peers.median as group_median,
    peers.q1 as group_q1,
    peers.q3 as group_q3,
    peers.lower as group_lower,
    peers.upper as group_upper,
    -- on a quartile is inside the middle half
    case
        when figures.value < peers.q1 then 'below'
        when figures.value > peers.q3 then 'above'
        when figures.value is not null and peers.q1 is not null then 'middle'
    end as position,
    compared.percentile,
    compared.distance_to_median,
    compared.colour_class,
    compared.funnel_lower,
    compared.funnel_upper,
    compared.overdispersion,
    compared.comparison,
    compared.comparison_basis,
    compared.comparison_reason
from {{ ref('fct_metric') }} as figures
inner join {{ ref('dim_organisation') }} as organisations
    on
        figures.organisation_id = organisations.organisation_id
        and figures.as_of_on = organisations.as_of_on
inner join {{ ref('dim_metric') }} as metrics on figures.metric_id = metrics.metric_id
inner join {{ ref('dim_definition') }} as definitions
    on figures.metric_id = definitions.metric_id and figures.definition_id = definitions.definition_id
left join {{ ref('fct_comparison') }} as compared
    on
        figures.organisation_id = compared.organisation_id
        and {{ same_figure('figures', 'compared') }}
        and {{ open('block', 'compared.period_start', 'compared') }}
left join {{ ref('fct_group_metric') }} as peers
    on
        organisations.size_group_id = peers.group_id
        and {{ same_figure('figures', 'peers') }}
        and {{ open('block', 'peers.period_start', 'peers') }}
where {{ open('block', 'figures.period_start', 'figures') }}
