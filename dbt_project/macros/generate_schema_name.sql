{#- Schemas are called what docs/design.md calls them: `staging`, not `<target>_staging`. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
