with organisations as (
    select distinct on (organisation_id)
        organisation_id,
        country,
        organisation_type,
        coalesce(name_nl, name_fr, name_de) as name_nl
    from {{ ref('stg_register__organisations') }}
    order by organisation_id, valid_from desc nulls last
)

select
    progress.target_id,
    progress.organisation_id,
    organisations.name_nl as organisation_name_nl,
    organisations.country,
    organisations.organisation_type,
    progress.metric_id,
    metrics.name_nl as metric_name_nl,
    metrics.name_en as metric_name_en,
    progress.platform,
    progress.segment,
    progress.kind,
    progress.direction,
    progress.target_value,
    progress.unit,
    progress.denominator,
    progress.baseline_on,
    progress.baseline_value,
    progress.baseline_figure,
    progress.due_on,
    progress.as_of_on,
    progress.figure,
    progress.value,
    progress.n_months,
    progress.n_cases,
    progress.figure_status,
    progress.progress,
    progress.expected_progress,
    progress.status,
    states.name_nl as status_nl,
    states.name_en as status_en,
    progress.missing_reason,
    reasons.name_nl as missing_reason_nl,
    reasons.name_en as missing_reason_en,
    progress.progress_missing_reason,
    progress.forecast,
    progress.forecast_lower,
    progress.forecast_upper,
    progress.forecast_points,
    progress.forecast_missing_reason,
    progress.interval_missing_reason,
    jsonb_build_object(
        'forecast', 'Theil-Sen, 13 months at most, 6 at least',
        'forecast_interval', 'Sen 95 %',
        'expected_progress', 'linear by day',
        'figure', metrics.parameters
    ) as parameters,
    metrics.tier as access_tier,
    metrics.definition_version,
    progress.is_synthetic
from {{ ref('fct_target_progress') }} as progress
inner join organisations on progress.organisation_id = organisations.organisation_id
-- the catalogue may not have the metric of a target yet
left join {{ ref('dim_metric') }} as metrics on progress.metric_id = metrics.metric_id
inner join {{ ref('policy_terms') }} as states
    on progress.status = states.term and states.term_kind = 'target_status'
left join {{ ref('policy_terms') }} as reasons
    on progress.missing_reason = reasons.term and reasons.term_kind = 'target_reason'
