{#- The figures of every theme (var `metric_themes`), each from its model fct_<theme>_figure; the
    columns are named, so that a model with its columns in another order cannot mix them up. -#}
{% macro union_figures(columns) -%}
    {%- for theme in var("metric_themes") %}
        select {{ columns | join(", ") }}
        from {{ ref("fct_" ~ theme ~ "_figure") }}
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}
