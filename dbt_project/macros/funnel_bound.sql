{#- A limit of M45: how far a share of n cases can lie from the target by chance (95 %), wider where the
    members differ more than chance makes them (phi over 1), and by half a case, because cases are whole:
    else every single question that was answered would stand out among bodies that answer few. -#}
{% macro funnel_bound(target, phi, n, bound) -%}
    {%- set margin -%}
        1.959963984540054 * sqrt(greatest(1, {{ phi }}) * {{ target }} * (1 - {{ target }}) / {{ n }})
        + 0.5 / {{ n }}
    {%- endset -%}
    case when {{ n }} > 0 and {{ target }} is not null then
        {% if bound == "lower" -%}
            greatest(0, {{ target }} - ({{ margin }}))
        {%- else -%}
            least(1, {{ target }} + {{ margin }})
        {%- endif %}
    end
{%- endmacro %}
