{#- One select for each platform that delivers an entity (var `platforms_with_<entity>`), over its
    staging model. The columns are named, so that a staging model with its columns in another order
    cannot mix them up. `where` is a condition on the rows of each; `platforms`: those alone. -#}
{% macro union_platforms(entity, columns, where=none, platforms=none) -%}
    {%- for platform in platforms or var("platforms_with_" ~ entity) %}
        select
            '{{ platform }}'::text as platform,
            {{ columns | join(", ") }}
        from {{ ref("stg_" ~ platform ~ "__" ~ entity) }}
        {% if where %}where {{ where }}{% endif %}
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}
