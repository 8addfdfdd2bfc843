{#- Whether a register row holds on a day: valid_from <= day < valid_to, an empty end is open. -#}
{% macro valid_on(row, day) -%}
    ({{ row }}.valid_from is null or {{ row }}.valid_from <= {{ day }})
    and ({{ row }}.valid_to is null or {{ row }}.valid_to > {{ day }})
{%- endmacro %}
