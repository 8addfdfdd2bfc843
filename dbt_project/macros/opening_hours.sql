{#- Minutes after midnight of a text HH:MM; 24:00 is 1440. -#}
{% macro minute_of_day(hhmm) -%}
    (left({{ hhmm }}, 2)::integer * 60 + right({{ hhmm }}, 2)::integer)
{%- endmacro %}

{#- The moment of a local time, given as minutes after midnight. In the night in which the clock goes
    forward an hour does not exist: its minutes are the moment of the change, so that no opening
    counts what was not there. In the night in which it goes back an hour exists twice: its minutes
    are those of the second time (PostgreSQL's choice), so what is open until 02:30 is open through
    both. Zones whose clock changes by one whole hour, on the hour. -#}
{% macro local_moment(day, minute) -%}
    (
        select
            case
                when at.moment at time zone '{{ var("local_zone") }}' = at.local_time
                    then at.moment
                else date_trunc('hour', at.moment, 'UTC')
            end
        from (
            select
                wanted.local_time,
                wanted.local_time at time zone '{{ var("local_zone") }}' as moment
            from (
                select {{ day }} + make_interval(mins => {{ minute }}) as local_time
            ) as wanted
        ) as at
    )
{%- endmacro %}

{#- The row of int_open_hours that a moment lies in; none (NULL) outside the calendar's years. -#}
{% macro in_open_hours(hours, calendar_id, moment) -%}
    {{ hours }}.calendar_id = {{ calendar_id }}
    and {{ hours }}.day_on = {{ local_date(moment) }}
    and {{ hours }}.from_at <= {{ moment }}
    and {{ hours }}.until_at > {{ moment }}
{%- endmacro %}

{#- Seconds for which the calendar was open from its first day to a moment: its clock. Two readings
    of it, subtracted, are the open time between them. -#}
{% macro open_seconds(hours, moment) -%}
    (
        {{ hours }}.open_seconds_before
        + extract(
            epoch from least({{ moment }}, {{ hours }}.open_until_at) - {{ hours }}.from_at
        )::double precision
    )
{%- endmacro %}
