select
    evidence.organisation_id,
    evidence.period_start,
    evidence.rule_id,
    evidence.phase,
    rules.name_nl as rule_nl,
    rules.name_en as rule_en,
    rules.why_nl,
    rules.why_en,
    evidence.metric_id,
    evidence.basis,
    evidence.comparison,
    evidence.threshold,
    evidence.value,
    case
        when metrics.interval_kind = 'wilson' and evidence.basis <> 'survey'
            then {{ wilson('evidence.value', 'evidence.n_cases', 'lower') }}
    end as lower,
    case
        when metrics.interval_kind = 'wilson' and evidence.basis <> 'survey'
            then {{ wilson('evidence.value', 'evidence.n_cases', 'upper') }}
    end as upper,
    evidence.state,
    states.name_nl as state_nl,
    states.name_en as state_en,
    evidence.missing_reason,
    reasons.name_nl as missing_reason_nl,
    reasons.name_en as missing_reason_en,
    evidence.n_months,
    evidence.n_cases,
    evidence.platforms,
    evidence.survey_id,
    metrics.tier as access_tier,
    case when evidence.is_final then 'final' else 'provisional' end as status,
    evidence.definition_version,
    evidence.is_synthetic
from {{ ref('fct_maturity_evidence') }} as evidence
inner join {{ ref('maturity_rules') }} as rules on evidence.rule_id = rules.rule_id
inner join {{ ref('policy_terms') }} as states
    on evidence.state = states.term and states.term_kind = 'maturity_state'
left join {{ ref('dim_metric') }} as metrics on evidence.metric_id = metrics.metric_id
left join {{ ref('policy_terms') }} as reasons
    on evidence.missing_reason = reasons.term and reasons.term_kind = 'maturity_reason'
