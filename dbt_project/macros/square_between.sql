{#- The square of what lies between two bodies (ours, theirs) in a variable; nothing where their type
    does not have it. -#}
{% macro square_between(variable) -%}
    case
        when ours.{{ variable }} is null then 0
        else power(ours.{{ variable }} - theirs.{{ variable }}, 2)
    end
{%- endmacro %}
