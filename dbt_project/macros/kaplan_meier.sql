{#- The curve of Kaplan and Meier, as rows of a select. `steps` is a relation with `keys`, hours, events
    (cases that ended then) and censored (cases that nobody followed further), one row an hours. Of
    each row: at_risk, survival (the share that has not ended at that time), and its 95 % interval
    (survival_lower, survival_upper) with Greenwood's variance on the scale log(-log), as lifelines
    has it. At a survival of 0 the variance is unknown and so is the interval: NULL, as in R, where
    lifelines writes 0. Cases censored at a time count as followed through it. A row with neither asks
    for the curve at that time. `variance_factor` (SQL over the keys) multiplies the variance, where
    cases are not independent of each other. -#}
{% macro kaplan_meier(steps, keys, variance_factor="1") -%}
    {%- set z = "1.959963984540054" -%}
    {%- set listed = keys | join(", ") -%}
    select
        {{ listed }},
        hours,
        at_risk,
        events,
        survival,
        case
            when survival = 1 then 1
            when survival > 0 then power(survival, exp(
                -{{ z }} * sqrt(greenwood * {{ variance_factor }}) / ln(survival)
            ))
        end as survival_lower,
        case
            when survival = 1 then 1
            when survival > 0 then power(survival, exp(
                {{ z }} * sqrt(greenwood * {{ variance_factor }}) / ln(survival)
            ))
        end as survival_upper
    from (
        select
            {{ listed }},
            hours,
            at_risk,
            events,
            case
                when bool_or(events > 0 and events = at_risk) over so_far then 0
                when sum(events) over so_far = 0 then 1
                else exp(sum(ln(
                    case when events < at_risk then 1 - events / at_risk else 1 end
                )) over so_far)
            end as survival,
            sum(
                case when events < at_risk then events / (at_risk * (at_risk - events)) end
            ) over so_far as greenwood
        from (
            select
                {{ listed }},
                hours,
                events::double precision as events,
                (
                    sum(events + censored) over (partition by {{ listed }})
                    - sum(events + censored) over (partition by {{ listed }} order by hours)
                    + events + censored
                )::double precision as at_risk
            from {{ steps }}
        ) as counted
        window so_far as (partition by {{ listed }} order by hours)
    ) as stepped
{%- endmacro %}

{#- The time at which half has ended, of rows of kaplan_meier: the first at which no more than half is
    left; NULL when more than half is left to the end. Its 95 % interval (Brookmeyer and Crowley) is
    where the curve's own interval holds a half: survival_lower gives the lower bound, survival_upper
    the upper one, NULL where that is not reached. The margin is for the last digit of a product. -#}
{% macro half_time(survival) -%}
    min(hours) filter (where {{ survival }} <= 0.5 + 1e-9)
{%- endmacro %}
