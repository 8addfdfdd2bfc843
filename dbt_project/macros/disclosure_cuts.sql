{#- For a step of the secondary suppression (next_hidden): what both trees tell together. From `placed`
    and `faults` to the CTEs `cuts` (areas against a choice of sizes that differ by a few organisations)
    and `squeezed` (sensitive groups whose shares are pinned to 0 or 1 from both sides). -#}
{% macro disclosure_cuts() -%}
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
    )
{%- endmacro %}
