select
    shares.organisation_id,
    organisations.name_nl as organisation_name_nl,
    organisations.name_en as organisation_name_en,
    organisations.country,
    organisations.organisation_type,
    shares.group_id,
    groups.name_nl as group_name_nl,
    groups.name_en as group_name_en,
    shares.platform,
    'M40' as metric_id,
    shares.period_kind,
    shares.period_start,
    {{ period_name('shares') }} as period,
    shares.value,
    shares.numerator,
    shares.denominator,
    shares.n,
    shares.n_members,
    shares.coverage,
    shares.group_coverage,
    shares.access_tier,
    shares.status,
    shares.missing_reason,
    definitions.definition_id,
    definitions.definition_version,
    shares.is_synthetic
from {{ ref('fct_post_share') }} as shares
inner join {{ ref('dim_organisation') }} as organisations
    on
        shares.organisation_id = organisations.organisation_id
        and shares.as_of_on = organisations.as_of_on
inner join {{ ref('dim_peer_group') }} as groups on shares.group_id = groups.group_id
inner join {{ ref('dim_definition') }} as definitions
    on definitions.metric_id = 'M40' and definitions.definition_id = 'klankbord'
