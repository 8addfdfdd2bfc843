{#- One select for each platform of var `platforms` that delivers an entity, over its staging model.
    The columns are named, so that a staging model with its columns in another order cannot mix them
    up. -#}
{% macro union_platforms(entity, columns) -%}
    {%- set found = [] -%}
    {%- for platform, entities in var("platforms").items() if entity in entities -%}
        {%- do found.append(platform) -%}
    {%- endfor -%}
    {%- for platform in found %}
        select
            '{{ platform }}'::text as platform,
            {{ columns | join(", ") }}
        from {{ ref("stg_" ~ platform ~ "__" ~ entity) }}
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}
