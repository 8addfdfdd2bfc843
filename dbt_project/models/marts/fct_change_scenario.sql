-- A group's figure of now and of a year before, and four figures between the two, so that each step
-- changes one thing only: the map, who is in the group, the definition, and what really changed.
with counted as (
    select
        members.group_id,
        members.platform,
        members.metric_id,
        members.period_kind,
        members.period_start,
        members.organisation_id,
        scenarios.scenario,
        scenarios.value,
        scenarios.numerator,
        scenarios.denominator
    from {{ ref('fct_change_member') }} as members
    inner join {{ ref('fct_change') }} as changes
        on
            members.organisation_id = changes.organisation_id
            and members.platform = changes.platform
            and members.metric_id = changes.metric_id
            and members.period_kind = changes.period_kind
            and members.period_start = changes.period_start
    cross join
        lateral (
            values
            (
                'before_on_map', members.was_in, changes.before_value,
                changes.before_numerator, changes.before_denominator
            ),
            (
                'before_stayed', members.is_in and members.was_in, changes.before_value,
                changes.before_numerator, changes.before_denominator
            ),
            (
                'before_compared', members.is_in and members.was_in and changes.change is not null,
                changes.before_value, changes.before_numerator, changes.before_denominator
            ),
            (
                'now_compared', members.is_in and members.was_in and changes.change is not null,
                changes.value, changes.numerator, changes.denominator
            ),
            (
                'now_stayed', members.is_in and members.was_in, changes.value,
                changes.numerator, changes.denominator
            ),
            (
                'now', members.is_in, changes.value,
                changes.numerator, changes.denominator
            )
        ) as scenarios (scenario, is_counted, value, numerator, denominator)
    where scenarios.is_counted
    union all
    select
        members.group_id,
        before.platform,
        before.metric_id,
        before.period_kind,
        periods.period_start,
        before.organisation_id,
        'before' as scenario,
        before.value,
        before.numerator,
        before.denominator
    from {{ ref('fct_metric') }} as before
    inner join {{ ref('int_platform_periods') }} as periods
        on
            before.platform = periods.platform
            and before.period_kind = periods.period_kind
            and before.period_start = (periods.period_start - interval '1 year')::date
    inner join {{ ref('dim_group_member') }} as members
        on
            before.organisation_id = members.organisation_id
            and before.as_of_on = members.as_of_on
    where
        before.definition_id = 'klankbord'
        and before.value is not null
        and periods.period_end > periods.latest_scan_on - {{ var("change_days") }}
)

select
    counted.group_id,
    counted.platform,
    metrics.metric_id,
    counted.period_kind,
    counted.period_start,
    counted.scenario,
    count(*)::integer as n,
    {{ statistic_of('counted', 'metrics') }} as value
from counted
inner join {{ ref('dim_metric') }} as metrics on counted.metric_id = metrics.base_metric_id
group by
    counted.group_id, counted.platform, metrics.metric_id, counted.period_kind,
    counted.period_start, counted.scenario
