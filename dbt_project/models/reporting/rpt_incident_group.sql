with invented as (
    {{ invented() }}
)

select
    facts.group_id,
    facts.country,
    facts.organisation_type,
    types.name_plural_nl as group_name_nl,
    types.name_plural_en as group_name_en,
    'M34'::text as metric_id,
    facts.period_kind,
    facts.period_start,
    facts.share_within_norm as value,
    facts.lower_share as lower,
    facts.upper_share as upper,
    facts.median_delay_minutes,
    facts.n,
    facts.n_cases,
    facts.n_all,
    facts.status,
    facts.missing_reason,
    definitions.parameters,
    metrics.tier as access_tier,
    definitions.definition_version,
    invented.is_synthetic
from {{ ref('fct_incident_group') }} as facts
inner join {{ ref('organisation_types') }} as types
    on facts.organisation_type = types.organisation_type
inner join {{ ref('dim_definition') }} as definitions
    on definitions.metric_id = 'M34' and definitions.definition_id = 'klankbord'
inner join {{ ref('dim_metric') }} as metrics on definitions.metric_id = metrics.metric_id
cross join invented
