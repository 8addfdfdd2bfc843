{#- The median of an ordered array; NULL of an empty one. -#}
{% macro middle_of(hours) -%}
    (({{ hours }})[(cardinality({{ hours }}) + 1) / 2] + ({{ hours }})[(cardinality({{ hours }}) + 2) / 2]) / 2
{%- endmacro %}

{#- A bound of the 95 % interval of the median that the ranks of an ordered array give: no assumption
    about the times. The rank is that of the exact binomial interval or, in 32 of the first 5,000
    sizes, one further out; under six values there is none: NULL. -#}
{% macro median_bound(hours, bound) -%}
    {%- set rank = "floor((cardinality(" ~ hours ~ ") + 1 - 1.959963984540054 * sqrt(cardinality(" ~ hours ~ "))) / 2)::integer" -%}
    ({{ hours }})[{{ rank if bound == "lower" else "cardinality(" ~ hours ~ ") + 1 - " ~ rank }}]
{%- endmacro %}

{#- The sum of an ordered array's first so many; NULL of none. -#}
{% macro sum_of_first(hours, count) -%}
    (select sum(each.hour order by each.hour) from unnest(({{ hours }})[1:({{ count }})::integer]) as each (hour))
{%- endmacro %}
