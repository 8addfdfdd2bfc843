{#- A bound of Wilson's 95 % interval of one count among another; NULL among none. -#}
{% macro share_bound(part, whole, bound) -%}
    {{ wilson("(" ~ part ~ "::double precision / nullif(" ~ whole ~ ", 0))", whole, bound) }}
{%- endmacro %}
