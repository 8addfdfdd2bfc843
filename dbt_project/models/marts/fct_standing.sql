{{ config(materialized='view', meta={'view_of': 'fct_metric'}) }}
{%- set figure = 'figures.platform, figures.metric_id, figures.definition_id, figures.period_kind,'
    ~ ' figures.period_start' %}
-- Where a figure stands among those of its size class, by rank alone: how many lie behind it in the
-- metric's own direction, and how many are equal to it (itself among them). All figures of a metric
-- need the same access (its tier), whatever else is known of an account: peers are of one tier.
-- Compared to nine decimals: the last digits of a mean are those of the order of adding.
with placed as (
    select
        figures.organisation_id,
        {{ figure }},
        organisations.size_group_id as group_id,
        figures.value,
        rank() over (
            partition by organisations.size_group_id, {{ figure }}
            order by
                case metrics.direction
                    when 'lower' then -round(figures.value::numeric, 9)
                    else round(figures.value::numeric, 9)
                end
        ) - 1 as n_behind,
        count(*) over (
            partition by organisations.size_group_id, {{ figure }}, round(figures.value::numeric, 9)
        ) as n_equal,
        count(*) over (partition by organisations.size_group_id, {{ figure }}) as n
    from {{ ref('fct_member_figure') }} as figures
    inner join {{ ref('dim_organisation') }} as organisations
        on
            figures.organisation_id = organisations.organisation_id
            and figures.as_of_on = organisations.as_of_on
    inner join {{ ref('dim_metric') }} as metrics on figures.metric_id = metrics.metric_id
    where figures.value is not null and organisations.size_group_id is not null
)

select
    organisation_id,
    platform,
    metric_id,
    definition_id,
    period_kind,
    period_start,
    group_id,
    value,
    n::integer as n,
    50.0::double precision * (2 * n_behind + n_equal) / n as percentile,
    -- the third in which that lies; in whole numbers, so that a third is exactly a third
    case (3 * (2 * n_behind + n_equal) + 2 * n - 1) / (2 * n)
        when 1 then 'low'
        when 2 then 'middle'
        else 'high'
    end as colour_class
from placed
