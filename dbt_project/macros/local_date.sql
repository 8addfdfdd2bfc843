{#- The calendar day of a moment where the organisations live, whatever the session's time zone. -#}
{% macro local_date(moment) -%}
    ({{ moment }} at time zone '{{ var("local_zone") }}')::date
{%- endmacro %}

{#- The first day of a date's month. The detour over timestamp keeps the session's zone out of it. -#}
{% macro month_of(day) -%}
    date_trunc('month', {{ day }}::timestamp)::date
{%- endmacro %}
