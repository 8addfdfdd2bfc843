-- Three-valued: one rule that is not met closes a phase whatever the others say; without one that is,
-- a rule that is unknown leaves the phase unknown, and it is never guessed.
with phases as (
    select
        organisation_id,
        period_start,
        as_of_on,
        phase,
        case
            when bool_or(state = 'not_met') then 'not_met'
            when bool_or(state = 'unknown') then 'unknown'
            else 'met'
        end as state,
        count(*) filter (where state = 'met') as rules_met,
        count(*) filter (where state = 'unknown') as rules_unknown,
        count(*) as rules,
        bool_or(basis = 'survey') as has_survey_evidence,
        bool_and(is_final) as is_final,
        bool_or(is_synthetic) as is_synthetic,
        min(definition_version) as definition_version
    from {{ ref('fct_maturity_evidence') }}
    group by organisation_id, period_start, as_of_on, phase
),

ladders as (
    select
        organisation_id,
        period_start,
        as_of_on,
        -- the first phase that is not met, and the first that is not known to be
        min(phase) filter (where state = 'not_met') as closed_phase,
        min(phase) filter (where state = 'unknown') as unknown_phase,
        max(phase) as last_phase,
        sum(rules_met) as rules_met,
        sum(rules_unknown) as rules_unknown,
        sum(rules) as rules,
        bool_or(has_survey_evidence) as has_survey_evidence,
        bool_and(is_final) as is_final,
        bool_or(is_synthetic) as is_synthetic,
        min(definition_version) as definition_version
    from phases
    group by organisation_id, period_start, as_of_on
),

reached as (
    select
        *,
        -- least() passes over what is NULL
        least(closed_phase, unknown_phase, last_phase + 1) - 1 as phase_at_least,
        unknown_phase < coalesce(closed_phase, last_phase + 1) as is_unknown
    from ladders
)

select
    organisation_id,
    period_start,
    as_of_on,
    case when is_unknown is not true then phase_at_least end as phase,
    phase_at_least,
    coalesce(closed_phase, last_phase + 1) - 1 as phase_at_most,
    case when is_unknown then 'evidence_missing' end as missing_reason,
    rules_met::integer as rules_met,
    rules_unknown::integer as rules_unknown,
    rules::integer as rules,
    has_survey_evidence,
    case when is_final then 'final' else 'provisional' end as status,
    definition_version,
    is_synthetic
from reached
