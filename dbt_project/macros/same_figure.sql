{#- Of the same platform, metric, definition and period: with an organisation or a group a figure's key. -#}
{% macro same_figure(one, other) -%}
    {%- for column in ["platform", "metric_id", "definition_id", "period_kind", "period_start"] -%}
        {{ one }}.{{ column }} = {{ other }}.{{ column }}{% if not loop.last %} and {% endif %}
    {%- endfor -%}
{%- endmacro %}
