{{ config(
    materialized='growing',
    meta={'open': {'kind': 'block', 'date': 'period_start'}}
) }}
-- What five of a group have, or stand beside, is nobody's own and may be told of any number of groups.
-- The rest could be recognised (fct_coincident_cell).
with told as (
    select
        statistics.group_id,
        statistics.platform,
        statistics.metric_id,
        statistics.definition_id,
        statistics.period_kind,
        statistics.period_start,
        metrics.unit,
        date_trunc('quarter', statistics.period_start)::date as quarter_start,
        places.part,
        places.figure,
        places.below,
        places.above,
        {{ bodies_with('statistics', 'places.below') }} as below_bodies,
        {{ bodies_with('statistics', 'places.above') }} as above_bodies
    from {{ ref('fct_group_statistic') }} as statistics
    inner join {{ ref('dim_metric') }} as metrics on statistics.metric_id = metrics.metric_id
    left join {{ ref('disclosure_families') }} as families
        on statistics.metric_id = families.metric_id
    left join {{ ref('fct_suppressed_cell') }} as suppressed
        on statistics.group_id = suppressed.group_id and {{ same_figure('statistics', 'suppressed') }}
    cross join
        lateral ({{ told_places('statistics', 'metrics.group_interval_kind') }}) as places
    where
        suppressed.group_id is null
        -- a metric that is made of another's figures has that one's places
        and metrics.metric_id = metrics.base_metric_id
        -- of yes or no the mean says all, and everybody has one of the two
        and metrics.group_interval_kind = 'order_statistic'
        and not coalesce(families.is_public, false)
        and {{ open('block', 'statistics.period_start', 'statistics') }}
)

select *
from told
where
    cardinality(below_bodies) + case when above > below then cardinality(above_bodies) else 0 end
    < {{ var("minimum_group_size") }}
