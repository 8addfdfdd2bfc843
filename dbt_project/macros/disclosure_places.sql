{#- For a step of the secondary suppression (next_hidden): where each piece of the block lies with the
    groups of `steps.hidden` hidden, as the CTE `placed`: per piece its deepest shown group by area and by
    size (area, size; NULL where nothing that is shown tells of it). -#}
{% macro disclosure_places(parts) -%}
    pieces as (
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
    )
{%- endmacro %}
