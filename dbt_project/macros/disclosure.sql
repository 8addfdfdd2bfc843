{#- The primary rules of docs/design.md ("What is hidden, and from whom") over what a group's members
    contribute: how many there are, their sum, the largest and the second largest. -#}

{#- Fewer than the minimum have a value. Nobody at all is no secret. -#}
{% macro is_too_few(n) -%}
    {{ n }} between 1 and {{ var("minimum_group_size") }} - 1
{%- endmacro %}

{#- How much the others would have to contribute more, for nobody to dominate (positive: somebody
    does): the largest has more than its share of the sum, or the second largest, who knows its own
    figure, knows the largest to within the protection interval. -#}
{% macro dominance_lack(total, first, second) -%}
    greatest(
        {{ first }} / {{ var("dominance_share") }} - {{ total }},
        {{ var("protection_share") }} * {{ first }}
        - ({{ total }} - {{ first }} - coalesce({{ second }}, 0.0))
    )
{%- endmacro %}

{#- How far a sum of shares must be from where everybody would be known: of the largest group that is
    too small, the protection interval. -#}
{% macro least_play() -%}
    ({{ var("minimum_group_size") }} - 1) * {{ var("protection_share") }}
{%- endmacro %}

{#- The groups, platforms and periods in which a metric is shown: for tables beside fct_group_metric that
    rest on the same members (bands and curves of response times: M26). -#}
{% macro shown_groups(metric_id) -%}
    select
        group_id,
        platform,
        period_kind,
        period_start
    from {{ ref('fct_group_metric') }}
    where metric_id = '{{ metric_id }}' and definition_id = 'klankbord' and value is not null
{%- endmacro %}

{#- The groups that a row of fct_group_part is a piece of, as rows of `groups` (group_id; NULL where its
    bodies belong to none of that kind): to cross join. -#}
{% macro groups_of(part) -%}
    lateral (
        values
        ({{ part }}.type_group_id),
        ({{ part }}.region_group_id),
        ({{ part }}.province_group_id),
        ({{ part }}.size_group_id)
    ) as groups (group_id)
{%- endmacro %}

{#- The places that are told of a row of fct_group_statistic, as rows: which of them are told together
    (part), the figure, and the members' figures that it lies on or between (below, above). -#}
{% macro told_places(row, interval_kind) -%}
    {%- set n = row ~ ".n" -%}
    {%- set spread = n ~ " >= " ~ var("minimum_quartile_size") -%}
    {%- set interval = has_interval(interval_kind, n) | trim -%}
    select
        places.part,
        places.figure,
        -- place: among the members in order, the first at 0
        {{ row }}.ordered[floor(places.place)::integer + 1] as below,
        {{ row }}.ordered[ceil(places.place)::integer + 1] as above
    from (
        values
        ('middle', {{ row }}.median, 0.5 * ({{ n }} - 1), {{ n }} >= {{ var("minimum_group_size") }}),
        ('spread', {{ row }}.q1, 0.25 * ({{ n }} - 1), {{ spread }}),
        ('spread', {{ row }}.q3, 0.75 * ({{ n }} - 1), {{ spread }}),
        ('tail', {{ row }}.p10, 0.1 * ({{ n }} - 1), {{ has_tails(n) }}),
        ('tail', {{ row }}.p90, 0.9 * ({{ n }} - 1), {{ has_tails(n) }}),
        ('interval', {{ row }}.lower, {{ median_rank(n) }} - 1.5, {{ interval }}),
        ('interval', {{ row }}.upper, {{ n }} - {{ median_rank(n) }} + 0.5, {{ interval }})
    ) as places (part, figure, place, is_told)
    where places.is_told
{%- endmacro %}

{#- Whose a figure of such a row is: equal figures stand side by side. -#}
{% macro bodies_with(row, figure) -%}
    {{ row }}.bodies[
        array_position({{ row }}.ordered, {{ figure }}):
        array_position({{ row }}.ordered, {{ figure }})
        + cardinality(array_positions({{ row }}.ordered, {{ figure }})) - 1
    ]
{%- endmacro %}
