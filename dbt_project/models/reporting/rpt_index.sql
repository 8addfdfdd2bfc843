select
    indexes.organisation_id,
    organisations.name_nl as organisation_name_nl,
    organisations.name_en as organisation_name_en,
    organisations.country,
    organisations.organisation_type,
    'M46' as metric_id,
    indexes.group_id,
    groups.name_nl as group_name_nl,
    groups.name_en as group_name_en,
    'quarter' as period_kind,
    indexes.period_start,
    to_char(indexes.period_start, 'YYYY"-Q"Q') as period,
    indexes.value,
    indexes.rank_best,
    indexes.rank_worst,
    indexes.rank_best::double precision / indexes.n as rank_best_share,
    indexes.rank_worst::double precision / indexes.n as rank_worst_share,
    indexes.n_weightings,
    indexes.n,
    indexes.n_members,
    indexes.n_components,
    indexes.missing_reason,
    reasons.name_nl as missing_reason_nl,
    reasons.name_en as missing_reason_en,
    indexes.status,
    metrics.tier as access_tier,
    definitions.definition_id,
    definitions.definition_version,
    definitions.parameters,
    indexes.is_synthetic
from {{ ref('fct_index') }} as indexes
inner join {{ ref('dim_organisation') }} as organisations
    on
        indexes.organisation_id = organisations.organisation_id
        and indexes.as_of_on = organisations.as_of_on
inner join {{ ref('dim_peer_group') }} as groups on indexes.group_id = groups.group_id
inner join {{ ref('dim_metric') }} as metrics on metrics.metric_id = 'M46'
inner join {{ ref('dim_definition') }} as definitions
    on metrics.metric_id = definitions.metric_id and definitions.definition_id = 'klankbord'
left join {{ ref('index_reasons') }} as reasons on indexes.missing_reason = reasons.reason_code
