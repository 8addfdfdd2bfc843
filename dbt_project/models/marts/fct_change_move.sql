{{ config(
    materialized='growing',
    meta={'open': {'kind': 'platform', 'date': 'period_start'}},
    post_hook="{{ forget_past_changes() }}"
) }}
-- How many of the bodies of a group that can be compared with the year before rose, and how many fell.
select
    members.group_id,
    members.platform,
    metrics.metric_id,
    members.period_kind,
    members.period_start,
    count(*) filter (where changes.change > 0)::integer as n_up,
    count(*) filter (where changes.change < 0)::integer as n_down,
    bool_or(changes.is_synthetic) as is_synthetic
from {{ ref('fct_change_member') }} as members
inner join {{ ref('fct_change') }} as changes
    on
        members.organisation_id = changes.organisation_id
        and members.platform = changes.platform
        and members.metric_id = changes.metric_id
        and members.period_kind = changes.period_kind
        and members.period_start = changes.period_start
inner join {{ ref('dim_metric') }} as metrics on members.metric_id = metrics.base_metric_id
where
    members.is_in
    and members.was_in
    and changes.change is not null
    and {{ open('platform', 'members.period_start', 'members') }}
    and {{ open('platform', 'changes.period_start', 'changes') }}
group by
    members.group_id, members.platform, metrics.metric_id, members.period_kind,
    members.period_start
