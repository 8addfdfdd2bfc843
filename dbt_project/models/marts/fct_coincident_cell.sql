{{ config(
    materialized='growing',
    meta={'open': {'kind': 'block', 'date': 'period_start'}}
) }}
{%- set cell = 'group_id, platform, metric_id, definition_id, period_kind, period_start' %}
-- The same figure told of two groups names the few that are in both (docs/design.md, "What is hidden, and
-- from whom"), whichever metric, definition and period of the quarter tell it.
with places as materialized (
    select
        rare.*,
        row_number() over () as place_id,
        -- the last digits differ with the order of adding
        round(rare.figure::numeric, 9)::double precision as rounded,
        round(rare.below::numeric, 9)::double precision as rounded_below,
        round(rare.above::numeric, 9)::double precision as rounded_above
    from {{ ref('fct_rare_place') }} as rare
    where {{ open('block', 'rare.period_start', 'rare') }}
),

-- whose figure it is on either side are in both groups
pairs as materialized (
    select
        one.place_id as one_id,
        other.place_id as other_id
    from places as one
    inner join places as other
        on
            one.platform = other.platform
            and one.unit = other.unit
            and one.quarter_start = other.quarter_start
            and one.rounded = other.rounded
            and one.rounded_below = other.rounded_below
            and one.rounded_above = other.rounded_above
            and one.group_id < other.group_id
            and one.below_bodies && other.below_bodies
            and one.above_bodies && other.above_bodies
),

-- and fewer than five have a figure there and here
naming as (
    select array[pairs.one_id, pairs.other_id] as place_ids
    from pairs
    inner join places as one on pairs.one_id = one.place_id
    inner join places as other on pairs.other_id = other.place_id
    inner join {{ ref('fct_group_statistic') }} as here
        on one.group_id = here.group_id and {{ same_figure('one', 'here') }}
    inner join {{ ref('fct_group_statistic') }} as there
        on other.group_id = there.group_id and {{ same_figure('other', 'there') }}
    where
        (
            select count(*)
            from (
                select unnest(here.bodies)
                intersect
                select unnest(there.bodies)
            ) as bodies
        ) < {{ var("minimum_group_size") }}
)

select
    {{ cell }},
    bool_or(part = 'middle') as is_middle_coincident,
    bool_or(part = 'spread') as is_spread_coincident,
    bool_or(part = 'tail') as is_tail_coincident,
    bool_or(part = 'interval') as is_interval_coincident
from places
where place_id in (select unnest(naming.place_ids) from naming)
group by {{ cell }}
