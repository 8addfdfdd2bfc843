select
    changes.organisation_id,
    organisations.name_nl as organisation_name_nl,
    organisations.name_en as organisation_name_en,
    organisations.country,
    organisations.organisation_type,
    changes.platform,
    changes.metric_id,
    metrics.name_nl as metric_name_nl,
    metrics.name_en as metric_name_en,
    metrics.unit,
    metrics.direction,
    changes.period_kind,
    changes.period_start,
    {{ period_name('changes') }} as period,
    changes.before_start,
    changes.value,
    changes.before_value,
    changes.n_cases,
    changes.before_n_cases,
    changes.missing_reason,
    changes.before_missing_reason,
    changes.change,
    changes.change_share,
    changes.change_lower,
    changes.change_upper,
    changes.verdict,
    changes.change_kind,
    reasons.reason_nl,
    reasons.reason_fr,
    reasons.reason_en,
    reasons.reason_de,
    figures.coverage,
    figures.access_tier,
    periods.status,
    definitions.definition_id,
    definitions.definition_version,
    changes.is_synthetic
from {{ ref('fct_change_verdict') }} as changes
inner join {{ ref('dim_metric') }} as metrics on changes.metric_id = metrics.metric_id
inner join {{ ref('change_reasons') }} as reasons on changes.change_kind = reasons.change_kind
inner join {{ ref('dim_definition') }} as definitions
    on changes.metric_id = definitions.metric_id and definitions.definition_id = 'klankbord'
left join {{ ref('int_metric_periods') }} as periods
    on
        changes.metric_id = periods.metric_id
        and changes.platform = periods.platform
        and changes.period_kind = periods.period_kind
        and changes.period_start = periods.period_start
-- of who is gone there is no figure, and so no coverage and no tier
left join {{ ref('fct_metric') }} as figures
    on
        changes.organisation_id = figures.organisation_id
        and changes.platform = figures.platform
        and changes.metric_id = figures.metric_id
        and definitions.definition_id = figures.definition_id
        and changes.period_kind = figures.period_kind
        and changes.period_start = figures.period_start
        and {{ open('platform', 'figures.period_start', 'figures') }}
-- who is gone has a name as of the year before only: none here
left join {{ ref('dim_organisation') }} as organisations
    on
        changes.organisation_id = organisations.organisation_id
        and changes.as_of_on = organisations.as_of_on
where {{ open('platform', 'changes.period_start', 'changes') }}
