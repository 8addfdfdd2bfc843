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
    facts.first_message_at
from {{ ref('fct_incident_response') }} as facts
