{#- The calendar day of a moment where the organisations live, whatever the session's time zone. -#}
{% macro local_date(moment) -%}
    ({{ moment }} at time zone '{{ var("local_zone") }}')::date
{%- endmacro %}

{#- A period as statistical offices write it: 2026-09, 2026-Q3. -#}
{% macro period_name(row) -%}
    to_char({{ row }}.period_start, case {{ row }}.period_kind when 'month' then 'YYYY-MM' else 'YYYY"-Q"Q' end)
{%- endmacro %}
