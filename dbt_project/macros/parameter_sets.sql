{#- The sets of var `parameter_sets` as rows (name, parameters): what metrics.csv names under
    parameter_set, with the values of the variables at this build. -#}
{% macro parameter_sets() -%}
    {%- for name in var("parameter_sets") -%}
        {%- set parameters = {} -%}
        {%- for parameter in var("parameter_sets")[name] -%}
            {%- do parameters.update({parameter: var(var("parameter_sets")[name][parameter])}) -%}
        {%- endfor %}
    ('{{ name }}', '{{ parameters | tojson }}'::jsonb)
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}
