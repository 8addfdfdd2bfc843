select
    changes.group_id,
    groups.group_kind,
    groups.name_nl as group_name_nl,
    groups.name_en as group_name_en,
    groups.country,
    groups.organisation_type,
    changes.platform,
    changes.metric_id,
    metrics.name_nl as metric_name_nl,
    metrics.name_en as metric_name_en,
    metrics.unit,
    metrics.direction,
    changes.period_kind,
    changes.period_start,
    {{ period_name('changes') }} as period,
    changes.value,
    changes.before_value,
    changes.n,
    changes.before_n,
    changes.compared_n,
    changes.entered_n,
    changes.left_n,
    changes.merged_away_n,
    changes.n_up,
    changes.n_down,
    changes.change,
    changes.real_change,
    changes.composition_change,
    changes.merger_change,
    changes.definition_change,
    changes.verdict,
    figures.n_members,
    figures.coverage,
    metrics.tier as access_tier,
    figures.status,
    definitions.definition_id,
    definitions.definition_version,
    changes.is_synthetic
from {{ ref('fct_group_change') }} as changes
inner join {{ ref('dim_peer_group') }} as groups on changes.group_id = groups.group_id
inner join {{ ref('dim_metric') }} as metrics on changes.metric_id = metrics.metric_id
inner join {{ ref('dim_definition') }} as definitions
    on changes.metric_id = definitions.metric_id and definitions.definition_id = 'klankbord'
left join {{ ref('fct_group_metric') }} as figures
    on
        changes.group_id = figures.group_id
        and changes.platform = figures.platform
        and changes.metric_id = figures.metric_id
        and definitions.definition_id = figures.definition_id
        and changes.period_kind = figures.period_kind
        and changes.period_start = figures.period_start
left join {{ ref('fct_group_metric') }} as before
    on
        changes.group_id = before.group_id
        and changes.platform = before.platform
        and changes.metric_id = before.metric_id
        and definitions.definition_id = before.definition_id
        and changes.period_kind = before.period_kind
        and (changes.period_start - interval '1 year')::date = before.period_start
-- what is hidden as a figure is not told as a change
where
    figures.missing_reason is distinct from 'suppressed'
    and before.missing_reason is distinct from 'suppressed'
