{#- One select for each platform of var `platforms` over its staging model of an entity. The columns
    are named, so that a staging model with its columns in another order cannot mix them up. -#}
{% macro union_platforms(entity, columns) -%}
    {%- for platform in var("platforms") %}
        select
            '{{ platform }}'::text as platform,
            {{ columns | join(", ") }}
        from {{ ref("stg_" ~ platform ~ "__" ~ entity) }}
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}
