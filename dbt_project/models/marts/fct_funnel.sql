{{ config(
    materialized='growing',
    meta={'open': {'kind': 'block', 'date': 'period_start'}}
) }}
{%- set figure = 'platform, metric_id, definition_id, period_kind, period_start' %}
-- The share that all cases of a size class have together, and how much more its members differ than
-- chance makes them (phi, the mean square of their distances in standard errors). The farthest tenth on
-- either side counts as near as the next, so that whoever stands out does not widen the limits itself.
with cases as (
    select
        peers.group_id,
        figures.organisation_id,
        figures.platform,
        figures.metric_id,
        figures.definition_id,
        figures.period_kind,
        figures.period_start,
        peers.n,
        peers.pooled as target,
        (figures.numerator - peers.pooled * figures.denominator)
        / nullif(sqrt(peers.pooled * (1 - peers.pooled) * figures.denominator), 0) as distance
    from {{ ref('fct_member_figure') }} as figures
    inner join {{ ref('dim_organisation') }} as organisations
        on
            figures.organisation_id = organisations.organisation_id
            and figures.as_of_on = organisations.as_of_on
    inner join {{ ref('dim_metric') }} as metrics
        on
            figures.metric_id = metrics.metric_id
            and metrics.unit = 'share'
            and metrics.headline = 'median'
    inner join {{ ref('fct_group_metric') }} as peers
        on organisations.size_group_id = peers.group_id and {{ same_figure('figures', 'peers') }}
    where
        figures.value is not null
        and peers.n >= {{ var("minimum_quartile_size") }}
        and peers.pooled between 0 and 1
        and {{ open('block', 'figures.period_start', 'figures') }}
),

edges as (
    select
        group_id,
        {{ figure }},
        percentile_cont(array[0.1, 0.9]) within group (order by distance) as edge
    from cases
    group by group_id, {{ figure }}
)

select
    cases.group_id,
    cases.platform,
    cases.metric_id,
    cases.definition_id,
    cases.period_kind,
    cases.period_start,
    cases.n,
    cases.target,
    avg(
        power(least(greatest(cases.distance, edges.edge[1]), edges.edge[2]), 2)
        order by cases.organisation_id
    ) as overdispersion
from cases
inner join edges
    on cases.group_id = edges.group_id and {{ same_figure('cases', 'edges') }}
group by
    cases.group_id, cases.platform, cases.metric_id, cases.definition_id, cases.period_kind,
    cases.period_start, cases.n, cases.target
