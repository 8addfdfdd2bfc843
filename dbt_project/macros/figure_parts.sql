{#- What a group's figure is made of, whichever statistic its metric's headline names, from its members'
    rows (value, numerator, denominator): n, mean, median, numerator, denominator, as columns of these
    names after `prefix`. `side` is a prefix of the rows' columns, `is_counted` says whose rows count.
    Sums go by organisation_id (of `bodies`): the last digit depends on the order. -#}
{% macro figure_parts(rows, bodies, side="", is_counted="true", prefix="") -%}
    {%- set value = rows ~ "." ~ side ~ "value" -%}
    {%- set by = "order by " ~ bodies ~ ".organisation_id" -%}
    {%- set counted = "filter (where " ~ is_counted ~ ")" -%}
    (count(*) {{ counted }})::integer as {{ prefix }}n,
    avg({{ value }} {{ by }}) {{ counted }} as {{ prefix }}mean,
    percentile_cont(0.5) within group (order by {{ value }}) {{ counted }} as {{ prefix }}median,
    sum({{ rows }}.{{ side }}numerator {{ by }}) {{ counted }} as {{ prefix }}numerator,
    sum({{ rows }}.{{ side }}denominator {{ by }}) {{ counted }} as {{ prefix }}denominator
{%- endmacro %}
