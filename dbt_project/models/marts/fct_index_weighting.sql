{{ config(materialized='growing', meta={'open': {'kind': 'any', 'date': 'period_start'}}) }}
-- The index under our weights and under each other weighting, and where it then stands among its peers.
{%- set peers = "partition by group_id, period_start, weighting_id" %}
with weightings as (
    select
        'published' as weighting_id,
        component,
        weight
    from {{ ref('index_weights') }}
    union all
    select
        others.weighting_id,
        listed.component,
        listed.weight
    from {{ ref('index_weightings') }} as others
    cross join
        lateral (
            values
            ('presence', others.presence),
            ('reach', others.reach),
            ('activity', others.activity),
            ('engagement', others.engagement),
            ('responsiveness', others.responsiveness)
        ) as listed (component, weight)
),

valued as (
    select
        components.organisation_id,
        components.period_start,
        components.group_id,
        weightings.weighting_id,
        -- in one order: the last digit of a sum depends on it
        100 * exp(
            sum(weightings.weight * ln(components.score / 100) order by components.component_order)
            / sum(weightings.weight order by components.component_order)
        ) as value
    from {{ ref('fct_index_component') }} as components
    inner join weightings on components.component = weightings.component
    -- weight: known of a body that has an index
    where
        components.score is not null
        and components.weight is not null
        and {{ open('any', 'components.period_start') }}
    group by
        components.organisation_id, components.period_start, components.group_id,
        weightings.weighting_id
    having sum(weightings.weight) > 0
)

select
    organisation_id,
    period_start,
    weighting_id,
    group_id,
    value,
    count(*) over ({{ peers }})::integer as n,
    -- who is equal shares the places from the highest to the lowest of them
    rank() over ({{ peers }} order by round(value::numeric, 9) desc)::integer as rank_best,
    (
        count(*) over ({{ peers }}) - rank() over ({{ peers }} order by round(value::numeric, 9)) + 1
    )::integer as rank_worst
from valued
