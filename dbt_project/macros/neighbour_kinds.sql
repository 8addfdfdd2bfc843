{#- The two kinds of neighbours of a body, as rows of `kinds`: to cross join. -#}
{% macro neighbour_kinds() -%}
    (values ('neighbours', true), ('neighbours_across', false)) as kinds (
        group_kind, is_domestic_only
    )
{%- endmacro %}
