{{ config(
    materialized='growing',
    meta={'open': {'kind': 'platform', 'date': 'period_start'}},
    post_hook="{{ forget_past_changes() }}"
) }}
-- In which groups a changed figure is now, and in which it was a year before. Merged bodies were in the
-- group in which they are now: their parts are told as if they had been one.
with sides as (
    select
        changes.organisation_id,
        changes.platform,
        changes.metric_id,
        changes.period_kind,
        changes.period_start,
        members.group_id,
        true as is_in,
        false as was_in
    from {{ ref('fct_change') }} as changes
    inner join {{ ref('dim_group_member') }} as members
        on
            changes.organisation_id = members.organisation_id
            and changes.as_of_on = members.as_of_on
    where changes.value is not null and {{ open('platform', 'changes.period_start', 'changes') }}
    union all
    select
        changes.organisation_id,
        changes.platform,
        changes.metric_id,
        changes.period_kind,
        changes.period_start,
        members.group_id,
        false as is_in,
        true as was_in
    from {{ ref('fct_change') }} as changes
    inner join {{ ref('dim_group_member') }} as members
        on
            changes.organisation_id = members.organisation_id
            and members.as_of_on
            = case when changes.is_merged then changes.as_of_on else changes.before_on end
    where
        changes.before_value is not null
        and {{ open('platform', 'changes.period_start', 'changes') }}
)

select
    organisation_id,
    platform,
    metric_id,
    period_kind,
    period_start,
    group_id,
    bool_or(is_in) as is_in,
    bool_or(was_in) as was_in
from sides
group by organisation_id, platform, metric_id, period_kind, period_start, group_id
