{#- Cases that come in bodies. Two questions to one body are more alike than two questions to two bodies,
    so a group's thousand questions tell less of bodies like these than a thousand independent ones: its
    design effect is how many times less. For a share it is the variance of a ratio of the bodies' sums
    (Cochran, "Sampling Techniques", 1977, 6.4) over that of independent cases (Kish, "Survey Sampling",
    1965, 8.2). -#}

{#- What it takes of the bodies' parts and wholes, summed over the bodies of a group. -#}
{% macro body_sums(part, whole) -%}
    count(*) as bodies,
    sum(({{ part }})::double precision * {{ part }}) as part_squares,
    sum(({{ part }})::double precision * {{ whole }}) as part_by_whole,
    sum(({{ whole }})::double precision * {{ whole }}) as whole_squares
{%- endmacro %}

{#- The design effect of a share of n cases, of a row with body_sums; NULL where all or none of the cases
    are in the share, or one body has them all: nothing is known of it there. -#}
{% macro design_effect(share, n) -%}
    case when bodies > 1 and {{ share }} > 0 and {{ share }} < 1 then
        bodies / (bodies - 1.0::double precision) * greatest(
            0, part_squares - 2 * {{ share }} * part_by_whole + {{ share }} * {{ share }} * whole_squares
        ) / ({{ n }} * {{ share }} * (1 - {{ share }}))
    end
{%- endmacro %}

{#- A design effect as it is used: at least 1, and rounded up to a power of the square root of two. It is
    made of a sum of squares, in which one city shows: such a step tells next to nothing of anybody. -#}
{% macro told_effect(effect) -%}
    power(2, ceil(2 * ln(greatest(1, {{ effect }})) / ln(2::double precision) - 1e-9) / 2)
{%- endmacro %}

{#- Student's 97.5 % point, of two degrees of freedom or more: Cornish and Fisher's series (Abramowitz and
    Stegun, 26.7.5), within a thousandth from four on. -#}
{% macro student_t(freedom) -%}
    (
        1.959963984540054 + 2.372271 / ({{ freedom }}) + 2.822499 / ({{ freedom }})::double precision ^ 2
        + 2.555850 / ({{ freedom }})::double precision ^ 3
        + 1.589534 / ({{ freedom }})::double precision ^ 4
    )
{%- endmacro %}

{#- By how much the half width of an interval grows for a variance that is known of a few bodies only
    (Korn and Graubard, "Survey Methodology" 24, 1998). -#}
{% macro few_bodies(bodies) -%}
    ({{ student_t("greatest(2, " ~ bodies ~ " - 1)") }} / 1.959963984540054)
{%- endmacro %}

{#- How many independent cases n cases in so many bodies are worth, for Wilson's interval. With no design
    effect a body is worth one case. -#}
{% macro effective_cases(n, effect, bodies) -%}
    case
        when {{ effect }} is null then {{ bodies }}
        else {{ n }} / {{ told_effect(effect) }}
    end / {{ few_bodies(bodies) }} ^ 2
{%- endmacro %}

{#- By how much the variance of a group's curve is larger than that of independent cases. -#}
{% macro curve_factor(effect, bodies) -%}
    {{ told_effect(effect) }} * {{ few_bodies(bodies) }} ^ 2
{%- endmacro %}
