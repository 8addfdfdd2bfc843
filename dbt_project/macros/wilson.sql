{#- A bound of Wilson's 95 % interval of a share that rests on n cases (n may be a fraction: the
    effective number of a weighted sample). Never under 0 or over 1; NULL without cases or
    a share (greatest and least pass over a NULL). -#}
{% macro wilson(share, n, bound) -%}
    {%- set z2 = "3.841458820694124" -%}
    {%- set sign = {"lower": "-", "upper": "+"}[bound] -%}
    {%- set limit = {"lower": "greatest(0", "upper": "least(1"}[bound] -%}
    case when {{ n }} > 0 and {{ share }} is not null then {{ limit }}, (
        {{ share }} + {{ z2 }} / (2 * {{ n }}) {{ sign }} sqrt(
            {{ z2 }} * ({{ share }} * (1 - {{ share }}) + {{ z2 }} / (4 * {{ n }})) / {{ n }}
        )
    ) / (1 + {{ z2 }} / {{ n }})) end::double precision
{%- endmacro %}
