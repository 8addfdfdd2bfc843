{#- One step of the secondary suppression of a block (fct_hidden_group): from `steps.hidden`, the groups
    that are hidden so far, to the group that has to be hidden next; no row when nothing is left to do.

    Groups lie in two trees, by area (type, region, province) and by size. With some groups hidden, a
    piece belongs in each tree to its deepest shown group, its node. All that can be computed from the
    shown groups of a tree is made of its nodes: they must each pass the primary rules. So must what both
    trees tell together (cuts). -#}
{% macro next_hidden(parts) %}
    with {{ disclosure_places(parts) }},

    {{ disclosure_faults() }},

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

    {{ disclosure_cuts() }},

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
