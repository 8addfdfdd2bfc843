select
    figures.group_id,
    sets.group_kind,
    sets.owner_id as organisation_id,
    sets.basis,
    sets.name_nl as group_name_nl,
    sets.name_fr as group_name_fr,
    sets.name_en as group_name_en,
    sets.name_de as group_name_de,
    figures.platform,
    figures.metric_id,
    metrics.name_nl as metric_name_nl,
    metrics.name_en as metric_name_en,
    metrics.unit,
    metrics.direction,
    figures.period_kind,
    figures.period_start,
    {{ period_name('figures') }} as period,
    own.value as own_value,
    figures.value,
    figures.lower,
    figures.upper,
    figures.n,
    figures.n_members,
    figures.coverage,
    figures.mean,
    figures.weighted_mean,
    figures.median,
    figures.p10,
    figures.q1,
    figures.q3,
    figures.p90,
    figures.pooled,
    case
        when own.value is null or figures.q1 is null then null
        when own.value between figures.q1 and figures.q3 then 'middle'
        -- all that it may be by chance, where its metric has an interval
        when case when metrics.interval_kind = 'none' then own.value else own.upper end < figures.q1
            then 'below'
        when case when metrics.interval_kind = 'none' then own.value else own.lower end > figures.q3
            then 'above'
        else 'not_distinguishable'
    end as position,
    metrics.tier as access_tier,
    figures.status,
    figures.missing_reason,
    definitions.definition_id,
    definitions.definition_version,
    definitions.parameters,
    figures.is_synthetic
from {{ ref('fct_peer_metric') }} as figures
inner join {{ ref('dim_peer_set') }} as sets on figures.group_id = sets.group_id
inner join {{ ref('dim_metric') }} as metrics on figures.metric_id = metrics.metric_id
inner join {{ ref('dim_definition') }} as definitions
    on figures.metric_id = definitions.metric_id and definitions.definition_id = 'klankbord'
left join {{ ref('fct_metric') }} as own
    on
        sets.owner_id = own.organisation_id
        and figures.platform = own.platform
        and figures.metric_id = own.metric_id
        and figures.period_kind = own.period_kind
        and figures.period_start = own.period_start
        and own.definition_id = 'klankbord'
        and {{ open('block', 'own.period_start', 'own') }}
where {{ open('block', 'figures.period_start', 'figures') }}
