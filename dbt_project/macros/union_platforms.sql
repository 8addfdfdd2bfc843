{#- One select for each platform that delivers an entity (var `platforms_with_<entity>`), over its
    staging model. The columns are named, so that a staging model with its columns in another order
    cannot mix them up. -#}
{% macro union_platforms(entity, columns) -%}
    {%- for platform in var("platforms_with_" ~ entity) %}
        select
            '{{ platform }}'::text as platform,
            {{ columns | join(", ") }}
        from {{ ref("stg_" ~ platform ~ "__" ~ entity) }}
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}
