select
    maturities.organisation_id,
    organisations.name_nl as organisation_name_nl,
    organisations.name_en as organisation_name_en,
    organisations.country,
    organisations.organisation_type,
    'M47' as metric_id,
    maturities.period_start,
    maturities.phase,
    phases.name_nl as phase_nl,
    phases.name_en as phase_en,
    maturities.phase_at_least,
    maturities.phase_at_most,
    maturities.missing_reason,
    maturities.rules_met,
    maturities.rules_unknown,
    maturities.rules,
    maturities.has_survey_evidence,
    maturities.status,
    metrics.tier as access_tier,
    maturities.definition_version,
    maturities.is_synthetic
from {{ ref('fct_maturity') }} as maturities
inner join {{ ref('dim_organisation') }} as organisations
    on
        maturities.organisation_id = organisations.organisation_id
        and maturities.as_of_on = organisations.as_of_on
inner join {{ ref('policy_terms') }} as phases
    on
        phases.term_kind = 'maturity_phase'
        and coalesce(maturities.phase::text, 'unknown') = phases.term
left join {{ ref('dim_metric') }} as metrics on metrics.metric_id = 'M47'
