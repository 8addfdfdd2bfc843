{#- Words as SQL writes a list of them. -#}
{% macro listed(words) -%}
    (
        {%- for word in words %}'{{ word }}'{% if not loop.last %}, {% endif %}{% endfor -%}
    )
{%- endmacro %}
