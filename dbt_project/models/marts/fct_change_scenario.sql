{%- set scenarios = [
    ('before_on_map', 'members.was_in', 'before_'),
    ('before_stayed', 'members.is_in and members.was_in', 'before_'),
    ('before_compared', 'members.is_in and members.was_in and changes.change is not null', 'before_'),
    ('now_compared', 'members.is_in and members.was_in and changes.change is not null', ''),
    ('now_stayed', 'members.is_in and members.was_in', ''),
    ('now', 'members.is_in', ''),
] -%}
{{ config(
    materialized='growing',
    meta={'open': {'kind': 'platform', 'date': 'period_start'}},
    post_hook="{{ forget_past_changes() }}"
) }}
-- A group's figure of now and of a year before, and four figures between the two, so that each step
-- changes one thing only: the map, who is in the group, the definition, and what really changed.
-- All but the first are counted in one pass, for there are millions of members.
with counted as (
    select
        members.group_id,
        members.platform,
        members.metric_id,
        members.period_kind,
        members.period_start,
    {% for scenario, is_counted, side in scenarios %}
        {{ figure_parts('changes', 'members', side, is_counted, scenario ~ '_') }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('fct_change_member') }} as members
    inner join {{ ref('fct_change') }} as changes
        on
            members.organisation_id = changes.organisation_id
            and members.platform = changes.platform
            and members.metric_id = changes.metric_id
            and members.period_kind = changes.period_kind
            and members.period_start = changes.period_start
    where
        {{ open('platform', 'members.period_start', 'members') }}
        and {{ open('platform', 'changes.period_start', 'changes') }}
    group by
        members.group_id, members.platform, members.metric_id, members.period_kind,
        members.period_start
),

scenarios as (
    select
        counted.group_id,
        counted.platform,
        counted.metric_id,
        counted.period_kind,
        counted.period_start,
        told.*
    from counted
    cross join
        lateral (
            values
            {% for scenario, _, _ in scenarios %}
                (
                    '{{ scenario }}', {{ scenario }}_n, {{ scenario }}_mean, {{ scenario }}_median,
                    {{ scenario }}_numerator, {{ scenario }}_denominator
                ){{ "," if not loop.last }}
            {% endfor %}
        ) as told (scenario, n, mean, median, numerator, denominator)
    where told.n > 0
    union all
    select
        members.group_id,
        before.platform,
        before.metric_id,
        before.period_kind,
        periods.period_start,
        'before' as scenario,
        {{ figure_parts('before', 'before') }}
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
        and {{ told_as_change('periods') }}
        and {{ open('platform', 'periods.period_start', 'periods') }}
    group by
        members.group_id, before.platform, before.metric_id, before.period_kind,
        periods.period_start
)

select
    scenarios.group_id,
    scenarios.platform,
    metrics.metric_id,
    scenarios.period_kind,
    scenarios.period_start,
    scenarios.scenario,
    scenarios.n,
    case metrics.headline
        when 'mean' then scenarios.mean
        when 'pooled'
            then metrics.scale * scenarios.numerator / nullif(scenarios.denominator, 0)
        else scenarios.median
    end as value
from scenarios
inner join {{ ref('dim_metric') }} as metrics on scenarios.metric_id = metrics.base_metric_id
