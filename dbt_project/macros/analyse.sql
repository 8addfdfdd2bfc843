{#- Statistics for the next model, which joins the relation at once: a new table has none until
    autovacuum comes by. Those of a table that keeps most of its rows still hold (builds.is_stale). -#}
{% macro analyse(relation) -%}
    {%- set kind = model.config.materialized -%}
    {%- if kind == "table" or kind == "growing" and execute and is_stale(relation) -%}
        analyze {{ relation }}
    {%- endif -%}
{%- endmacro %}

{#- Whether so many rows of a table were exchanged that its statistics say little. -#}
{% macro is_stale(relation) -%}
    {{ return(run_query("select builds.is_stale('" ~ relation ~ "')").rows[0][0]) }}
{%- endmacro %}
