{#- For a step of the secondary suppression (next_hidden): what one tree tells by itself. From `placed`
    to the CTE `faults`: a row per node that is too small, too dominated, or gives a sensitive group
    inside it away (lack: how much more it would have to hold). -#}
{% macro disclosure_faults() -%}
    nodes as (
        select
            placed.layer,
            placed.measure,
            trees.tree,
            trees.node,
            bool_and(placed.is_bounded) as is_bounded,
            sum(tops.n) as n,
            sum(tops.total) as total,
            (array_agg(tops.amount order by tops.amount desc nulls last))[1] as largest,
            (array_agg(tops.amount order by tops.amount desc nulls last))[2] as runner_up
        from placed
        cross join lateral (values ('area', area), ('size', size)) as trees (tree, node)
        cross join
            lateral (values (largest, n, total), (runner_up, 0, 0.0)) as tops (amount, n, total)
        where trees.node is not null
        group by placed.layer, placed.measure, trees.tree, trees.node
    ),

    -- what is sensitive inside a node: the rest of the node is what it hides behind
    insiders as (
        select
            placed.layer,
            placed.measure,
            trees.tree,
            trees.node,
            hidden.group_id,
            sum(placed.n) as n,
            sum(placed.total) as total
        from placed
        cross join lateral (values ('area', area), ('size', size)) as trees (tree, node)
        cross join
            lateral (
                values (province_group_id), (region_group_id), (size_group_id)
            ) as hidden (group_id)
        where hidden.group_id = any(steps.sensitive)
        group by placed.layer, placed.measure, trees.tree, trees.node, hidden.group_id
    ),

    exposures as (
        select
            insiders.layer,
            insiders.measure,
            insiders.tree,
            insiders.group_id,
            bool_and(nodes.is_bounded) as is_bounded,
            bool_or(insiders.node is null) as is_free,
            sum(insiders.n) as n,
            sum(insiders.total) as total,
            sum(nodes.total - insiders.total) as rest,
            -- of a share no member has more than 1: how far the sum can lie from what it is
            sum(
                least(nodes.total, insiders.n)
                - greatest(0.0, nodes.total - (nodes.n - insiders.n))
            ) as width,
            (array_agg(insiders.node order by nodes.n, insiders.node))[1] as node,
            (array_agg(
                nodes.total = 0 or (nodes.is_bounded and nodes.total = nodes.n)
                order by nodes.n, insiders.node
            ))[1] as is_uniform
        from insiders
        left join nodes
            on
                insiders.layer = nodes.layer
                and insiders.measure = nodes.measure
                and insiders.tree = nodes.tree
                and insiders.node = nodes.node
        group by insiders.layer, insiders.measure, insiders.tree, insiders.group_id
    ),

    faults as (
        select
            layer,
            measure,
            tree,
            node,
            0.0 as lack,
            false as is_uniform
        from nodes
        where {{ is_too_few('n') }}
        union all
        select
            layer,
            measure,
            tree,
            node,
            {{ dominance_lack('total', 'largest', 'runner_up') }} as lack,
            false as is_uniform
        from nodes
        where not is_bounded and {{ dominance_lack('total', 'largest', 'runner_up') }} > 0
        union all
        select
            layer,
            measure,
            tree,
            node,
            case when is_bounded then 0.0 else {{ var("protection_share") }} * total - rest end as lack,
            is_uniform
        from exposures
        where
            not is_free
            and case
                when is_bounded then width < {{ var("protection_share") }} * n
                else rest <= 0 or rest < {{ var("protection_share") }} * total
            end
    )
{%- endmacro %}
