-- first_platform is where the organisation spoke first; updates_6h and median_update_gap_minutes are
-- of that channel.
with invented as (
    {{ invented() }}
)

select
    facts.source,
    facts.incident_id,
    facts.organisation_id,
    names.name_nl as organisation_name_nl,
    names.name_en as organisation_name_en,
    names.country,
    names.organisation_type,
    facts.body_role,
    facts.first_platform,
    facts.delay_minutes,
    facts.is_within_norm,
    facts.updates_6h,
    facts.median_update_gap_minutes,
    facts.confidence,
    facts.match_level,
    facts.channels,
    facts.speaking_channels,
    case when facts.is_final then 'final' else 'provisional' end as status,
    facts.missing_reason,
    facts.alarmed_at,
    facts.first_message_at,
    metrics.tier as access_tier,
    definitions.definition_version,
    invented.is_synthetic
from {{ ref('fct_incident_organisation') }} as facts
inner join {{ ref('int_incident_names') }} as names
    on
        facts.source = names.source
        and facts.incident_id = names.incident_id
        and facts.organisation_id = names.organisation_id
inner join {{ ref('dim_definition') }} as definitions
    on definitions.metric_id = 'M34' and definitions.definition_id = 'klankbord'
inner join {{ ref('dim_metric') }} as metrics on definitions.metric_id = metrics.metric_id
cross join invented
