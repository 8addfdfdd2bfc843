with invented as (
    {{ invented() }}
)

select
    facts.source,
    facts.incident_id,
    facts.organisation_id,
    facts.platform,
    facts.delay_minutes,
    facts.is_within_norm,
    facts.updates_6h,
    facts.median_update_gap_minutes,
    facts.confidence,
    facts.match_level,
    case when facts.is_final then 'final' else 'provisional' end as status,
    facts.missing_reason,
    facts.first_message_at,
    metrics.tier as access_tier,
    definitions.definition_version,
    invented.is_synthetic
from {{ ref('fct_incident_response') }} as facts
inner join {{ ref('dim_definition') }} as definitions
    on definitions.metric_id = 'M34' and definitions.definition_id = 'klankbord'
inner join {{ ref('dim_metric') }} as metrics on definitions.metric_id = metrics.metric_id
cross join invented
