{{ config(
    materialized='growing',
    meta={'open': {'kind': 'block', 'date': 'period_start'}}
) }}
{%- set key = 'organisation_id, platform, metric_id, definition_id, period_kind, period_start' %}
-- Is a figure another than its group's? One rule (docs/design.md, "Statistics"): only where all that the
-- figure may be lies beside all that the group's may be; else it cannot be told from the group.
with rules as (
    select
        metric_id,
        case
            when headline = 'mean' then 'yes_or_no'
            when unit = 'share' then 'funnel'
            when interval_kind in ('order_statistic', 'survival') then 'interval'
            when unit = 'hours' then 'no_interval'
            else 'middle_half'
        end as rule
    from {{ ref('dim_metric') }}
),

joined as (
    select
        figures.*,
        rules.rule,
        organisations.size_group_id as group_id,
        standing.organisation_id is not null as is_in_group,
        peers.value is not null as is_shown,
        standing.percentile,
        standing.colour_class,
        peers.median,
        peers.q1,
        peers.q3,
        peers.lower as group_lower,
        peers.upper as group_upper,
        funnels.overdispersion,
        {{ funnel_bound('funnels.target', 'funnels.overdispersion', 'figures.denominator', 'lower') }}
            as funnel_lower,
        {{ funnel_bound('funnels.target', 'funnels.overdispersion', 'figures.denominator', 'upper') }}
            as funnel_upper
    from {{ ref('fct_metric') }} as figures
    inner join rules on figures.metric_id = rules.metric_id
    inner join {{ ref('dim_organisation') }} as organisations
        on
            figures.organisation_id = organisations.organisation_id
            and figures.as_of_on = organisations.as_of_on
    left join {{ ref('fct_standing') }} as standing
        on
            figures.organisation_id = standing.organisation_id
            and {{ same_figure('figures', 'standing') }}
            and {{ open('block', 'standing.period_start', 'standing') }}
    left join {{ ref('fct_group_metric') }} as peers
        on
            organisations.size_group_id = peers.group_id
            and {{ same_figure('figures', 'peers') }}
            and {{ open('block', 'peers.period_start', 'peers') }}
    left join {{ ref('fct_funnel') }} as funnels
        on
            organisations.size_group_id = funnels.group_id
            and {{ same_figure('figures', 'funnels') }}
            and {{ open('block', 'funnels.period_start', 'funnels') }}
    where {{ open('block', 'figures.period_start', 'figures') }}
),

spans as (
    select
        *,
        -- of a hidden group a place would tell how many it has
        is_in_group and is_shown as is_placed,
        case rule
            when 'funnel' then funnel_lower when 'interval' then group_lower when 'middle_half' then q1
        end as limit_lower,
        case rule
            when 'funnel' then funnel_upper when 'interval' then group_upper when 'middle_half' then q3
        end as limit_upper,
        -- a time that is known from one side only may be anything on the other
        case when rule = 'interval' then lower else value end as own_lower,
        case when rule = 'interval' then upper else value end as own_upper
    from joined
),

compared as (
    select
        *,
        case
            when not is_placed or limit_lower is null then null
            when own_upper < limit_lower then 'lower'
            when own_lower > limit_upper then 'higher'
            when num_nonnulls(own_lower, own_upper) > 0 then 'not_distinguishable'
        end as comparison
    from spans
)

select
    {{ key }},
    group_id,
    case when is_placed then percentile end as percentile,
    case when is_placed then (value - median) / nullif(q3 - q1, 0) end as distance_to_median,
    case when is_placed then colour_class else 'grey' end as colour_class,
    case when is_placed then funnel_lower end as funnel_lower,
    case when is_placed then funnel_upper end as funnel_upper,
    case when is_placed then overdispersion end as overdispersion,
    comparison,
    case when comparison is not null then rule end as comparison_basis,
    case
        when comparison is not null then null
        when value is null then 'no_figure'
        when group_id is null then 'no_group'
        when not is_in_group then 'not_in_group'
        when not is_shown then 'suppressed'
        when rule in ('yes_or_no', 'no_interval') then rule
        when limit_lower is null then 'few_peers'
        else 'few_cases'
    end as comparison_reason
from compared
