select
    source,
    incident_id,
    platform,
    first_organisation_id,
    partners,
    amplifying_partners,
    amplification_share,
    missing_reason
from {{ ref('fct_incident_amplification') }}
