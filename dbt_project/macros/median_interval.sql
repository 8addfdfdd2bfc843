{#- The interval of a median by its order: between two members lies the median of what they are drawn
    from with at least 95 % (binomial, docs/design.md, "Statistics"). -#}

{#- Which member from either end bounds the median of n, 1-based; under 1 is none. The normal
    approximation with half a case and one more term of its series: exact for every n up to 20,000
    (tests/statistics/test_median_interval.py compares it with the binomial itself). -#}
{% macro median_rank(n) -%}
    floor(
        ({{ n }} + 1 - 1.959963984540054 * sqrt({{ n }})) / 2 + 0.2321 / sqrt(nullif({{ n }}, 0))
    )::integer
{%- endmacro %}

{#- An end of that interval, of n values in order. It lies halfway to the next member outwards: so no
    end is one member's own figure, by which it could be recognised in another group. -#}
{% macro order_bound(ordered, n, bound) -%}
    {%- set rank = median_rank(n) -%}
    {%- if bound == "lower" -%}
        ({{ ordered }}[{{ rank }} - 1] + {{ ordered }}[{{ rank }}]) / 2
    {%- else -%}
        ({{ ordered }}[{{ n }} + 1 - {{ rank }}] + {{ ordered }}[{{ n }} + 2 - {{ rank }}]) / 2
    {%- endif -%}
{%- endmacro %}

{#- May p10 and p90 of n members be told: enough of them lie at or beyond either. -#}
{% macro has_tails(n) -%}
    {{ n }} > 10 * ({{ var("minimum_tail_size") }} - 1)
{%- endmacro %}

{#- An end of the interval of a group's headline, by the kind that the catalogue gives it
    (group_interval_kind): of a share of organisations Wilson's, of a median the one above, else none. -#}
{% macro group_bound(kind, rows, bound) -%}
    case {{ kind }}
        when 'order_statistic' then {{ order_bound(rows ~ ".ordered", rows ~ ".n", bound) }}
        when 'wilson' then {{ wilson(rows ~ ".mean", rows ~ ".n", bound) }}
    end
{%- endmacro %}

{#- May that interval be told of n members. Wilson's says nothing that n and the share do not; of a median
    enough members must lie beyond either end. -#}
{% macro has_interval(kind, n) -%}
    case {{ kind }}
        when 'order_statistic' then {{ median_rank(n) }} > {{ var("minimum_tail_size") }}
        else {{ n }} >= {{ var("minimum_group_size") }}
    end
{%- endmacro %}
