with invented as (
    {{ invented() }}
)

select
    facts.source,
    facts.incident_id,
    facts.platform,
    facts.first_organisation_id,
    facts.partners,
    facts.amplifying_partners,
    facts.amplification_share,
    facts.missing_reason,
    metrics.tier as access_tier,
    definitions.definition_version,
    invented.is_synthetic
from {{ ref('fct_incident_amplification') }} as facts
inner join {{ ref('dim_definition') }} as definitions
    on definitions.metric_id = 'M36' and definitions.definition_id = 'klankbord'
inner join {{ ref('dim_metric') }} as metrics on definitions.metric_id = metrics.metric_id
cross join invented
