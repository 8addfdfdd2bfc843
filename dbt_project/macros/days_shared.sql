{#- How many days two inclusive spans of dates have in common. A count: greatest() passes over a
    NULL span, so "no span at all" is a measured zero. -#}
{% macro days_shared(first_a, last_a, first_b, last_b) -%}
    greatest(0, least({{ last_a }}, {{ last_b }}) - greatest({{ first_a }}, {{ first_b }}) + 1)
{%- endmacro %}
