{{ config(
    materialized='growing',
    meta={'open': {'kind': 'block', 'date': 'quarter_start'}}
) }}
-- A block is what stands or falls together: a type's groups on a platform, a metric (with those that add
-- up with it), a quarter and its months. In a block a group is shown whole or not at all.
with recursive tree as (
    select distinct
        parts.block_id,
        parts.type_group_id,
        parts.platform,
        parts.family,
        parts.quarter_start,
        groups.group_id
    from {{ ref('fct_group_part') }} as parts
    cross join {{ groups_of('parts') }}
    where
        groups.group_id is not null
        and not parts.is_public
        and {{ open('block', 'parts.quarter_start', 'parts') }}
),

-- a block without anything sensitive starts too: what no group holds, or areas and sizes together,
-- may be a few
starts as (
    select
        tree.block_id,
        array_remove(array_agg(distinct cells.group_id), null) as sensitive
    from tree
    left join {{ ref('fct_sensitive_cell') }} as cells
        on
            tree.group_id = cells.group_id
            and tree.platform = cells.platform
            and tree.family = cells.family
            and tree.quarter_start = cells.quarter_start
    group by tree.block_id
),

steps as (
    select
        block_id,
        sensitive,
        sensitive as hidden
    from starts
    union all
    select
        steps.block_id,
        steps.sensitive,
        steps.hidden || next.group_id as hidden
    from steps
    cross join lateral ({{ next_hidden(ref('fct_group_part')) }}) as next  -- noqa: ST05
),

finished as (
    select distinct on (block_id)
        block_id,
        sensitive,
        hidden
    from steps
    order by block_id, cardinality(hidden) desc
)

select
    tree.group_id,
    tree.type_group_id,
    tree.platform,
    tree.family,
    tree.quarter_start,
    tree.group_id = any(finished.sensitive) as is_sensitive
from finished
inner join tree on finished.block_id = tree.block_id and tree.group_id = any(finished.hidden)
