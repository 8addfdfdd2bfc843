{#- One step of the secondary suppression of a block (fct_hidden_group): from `steps.hidden`, the groups
    that are hidden so far, to the group that has to be hidden next; no row when nothing is left to do.

    Groups lie in two trees, by area (type, region, province) and by size. With some groups hidden, a
    piece belongs in each tree to its deepest shown group, its node. All that can be computed from the
    shown groups of a tree is made of its nodes: they must each pass the primary rules. So must what both
    trees tell together (cuts). -#}
{% macro next_hidden(parts) %}
    with pieces as (
        select
            parts.*,
            -- NULL is unlike every member of an empty list
            parts.province_group_id is not null
            and parts.province_group_id <> all(steps.hidden) as shows_province,
            parts.region_group_id is not null
            and parts.region_group_id <> all(steps.hidden) as shows_region,
            parts.size_group_id is not null
            and parts.size_group_id <> all(steps.hidden) as shows_size,
            parts.type_group_id <> all(steps.hidden) as shows_type
        from {{ parts }} as parts
        where parts.block_id = steps.block_id and not parts.is_public
    ),

    -- a hidden type is known all the same where groups that are shown make it up
    covered as (
        select
            *,
            shows_type
            or bool_and(shows_size) over (partition by layer)
            or bool_and(shows_province or shows_region) over (partition by layer) as knows_type
        from pieces
    ),

    placed as (
        select
            *,
            case
                when shows_province then province_group_id
                when shows_region then region_group_id
                when knows_type then type_group_id
            end as area,
            case when shows_size then size_group_id when knows_type then type_group_id end as size
        from covered
    ),

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
    ),

    fault as (
        select *
        from faults
        order by is_uniform, lack desc, tree, node, layer, measure
        limit 1
    ),

    -- the shown groups that would join the node, were they hidden
    candidates as (
        select
            joining.group_id,
            sum(placed.n) as n,
            sum(placed.total) >= max(fault.lack) as is_enough,
            sum(placed.total) as total
        from fault
        inner join placed on fault.layer = placed.layer and fault.measure = placed.measure
        cross join
            lateral (
                select
                    case
                        when fault.tree = 'size' then
                            case when shows_size and fault.node = type_group_id then size_group_id end
                        when fault.node = type_group_id and shows_region then region_group_id
                        when fault.node in (type_group_id, region_group_id) and shows_province
                            then province_group_id
                    end as group_id
            ) as joining
        where joining.group_id is not null and not fault.is_uniform
        group by joining.group_id
    ),

    -- a choice of sizes (mask) against the areas: how much of each area lies inside the choice. What no
    -- shown size tells lies in no choice.
    bits as (
        select
            layer,
            size,
            case
                when size is null then 0
                else 1 << (dense_rank() over (partition by layer order by size) - 1)::integer
            end as bit
        from placed
        group by layer, size
    ),

    sides as (
        select
            placed.layer,
            masks.mask,
            placed.area,
            placed.type_group_id,
            bool_and(placed.is_bounded) as is_bounded,
            coalesce(sum(placed.n) filter (where masks.mask & bits.bit <> 0), 0.0) as inside,
            coalesce(sum(placed.n) filter (where masks.mask & bits.bit = 0), 0.0) as outside,
            coalesce(sum(placed.total) filter (where masks.mask & bits.bit <> 0), 0.0) as inside_total,
            sum(placed.total) as total
        from placed
        inner join bits
            on placed.layer = bits.layer and placed.size is not distinct from bits.size
        cross join generate_series(1, 15) as masks (mask)
        where placed.measure = 'value' and (select count(*) from faults) = 0
        group by placed.layer, masks.mask, placed.area, placed.type_group_id
    ),

    -- areas and sizes that differ by a few organisations: their difference is known
    cuts as (
        select
            layer,
            mask,
            (array_agg(area order by inside + outside, area) filter (
                where least(inside, outside) > 0 and area <> type_group_id
            ))[1] as area
        from sides
        group by layer, mask
        having {{ is_too_few('sum(case when area is null then inside else least(inside, outside) end)') }}
    ),

    -- of shares: how far the choice's sum lies from the least and the most that the areas leave it
    squeezes as (
        select
            *,
            sum(inside_total) over choice
            - sum(case when area is null then 0.0 else greatest(0.0, total - outside) end) over choice
                as above_least,
            sum(case when area is null then inside else least(total, inside) end) over choice
            - sum(inside_total) over choice as below_most
        from sides
        where is_bounded
        window choice as (partition by layer, mask)
    ),

    -- what is squeezed from both sides is known: all of it is 0, or all of it is 1
    pinned as (
        select distinct
            placed.layer,
            placed.province_group_id,
            placed.region_group_id,
            placed.size_group_id
        from squeezes
        inner join placed
            on
                squeezes.layer = placed.layer
                and squeezes.area is not distinct from placed.area
                and placed.measure = 'value'
        inner join bits
            on placed.layer = bits.layer and placed.size is not distinct from bits.size
        where
            case
                when squeezes.mask & bits.bit <> 0 then
                    (
                        squeezes.above_least < {{ least_play() }}
                        and (squeezes.area is null or squeezes.total <= squeezes.outside)
                    )
                    or (
                        squeezes.below_most < {{ least_play() }}
                        and (squeezes.area is null or squeezes.total >= squeezes.inside)
                    )
                else
                    squeezes.area is not null
                    and (
                        (
                            squeezes.above_least < {{ least_play() }}
                            and squeezes.total >= squeezes.outside
                        )
                        or (
                            squeezes.below_most < {{ least_play() }}
                            and squeezes.total <= squeezes.inside
                        )
                    )
            end
    ),

    squeezed as (
        select
            placed.layer,
            hidden.group_id
        from placed
        cross join
            lateral (
                values
                (placed.province_group_id), (placed.region_group_id), (placed.size_group_id)
            ) as hidden (group_id)
        left join pinned
            on
                placed.layer = pinned.layer
                and placed.province_group_id is not distinct from pinned.province_group_id
                and placed.region_group_id is not distinct from pinned.region_group_id
                and placed.size_group_id is not distinct from pinned.size_group_id
        where hidden.group_id = any(steps.sensitive) and placed.measure = 'value'
        group by placed.layer, hidden.group_id
        having count(pinned.layer) = count(*)
    ),

    -- the smallest group that is shown, where there is no better choice
    last_resort as (
        select shown.group_id
        from placed
        cross join
            lateral (
                values
                (case when shows_size then size_group_id end),
                (case when shows_province then province_group_id end),
                (case when shows_region then region_group_id end),
                (case when shows_type then type_group_id end)
            ) as shown (group_id)
        where shown.group_id is not null and placed.measure = 'value'
        group by shown.group_id
        order by sum(placed.n), shown.group_id
        limit 1
    )

    select
        coalesce(
            (
                select group_id from candidates
                order by is_enough desc, case when is_enough then n end, total desc, group_id
                limit 1
            ),
            (select node from fault where node <> all(steps.hidden)),
            (select area from cuts where area is not null order by layer, mask limit 1),
            (
                select size_group_id from placed
                where shows_size and measure = 'value'
                group by size_group_id
                order by sum(n), size_group_id
                limit 1
            ),
            (select group_id from last_resort)
        ) as group_id
    where
        (select count(*) from faults) + (select count(*) from cuts) + (select count(*) from squeezed)
        > 0
{% endmacro %}
