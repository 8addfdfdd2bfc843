{#- The whole staging model of a platform's insights, in one line. One row a figure and reading. An
    object is taken apart: each of its members is a row of its own, called after the metric and the
    member (post_clicks_by_type/link clicks), and the object itself has none. end_at is the moment
    that the platform said, never put on another day; where it says a date (YouTube), the midnight
    in day_zone that ends it; where it says milliseconds, their moment. -#}
{% macro stage_insights(platform, day_zone="UTC") -%}
select
    readings.account_id,
    case when readings.payload ->> 'object' = 'post' then readings.payload ->> 'object_id' end
        as post_id,
    parts.metric_name,
    readings.payload ->> 'period' as period,
    case
        when readings.payload ->> 'end_time' ~ '^\d{4}-\d{2}-\d{2}$'
            then
                ((readings.payload ->> 'end_time')::date + 1)::timestamp
                at time zone '{{ day_zone }}'
        when readings.payload ->> 'end_time' ~ '^\d{13}$'
            then to_timestamp((readings.payload ->> 'end_time')::numeric / 1000)
        else (readings.payload ->> 'end_time')::timestamptz
    end as end_at,
    parts.value,
    readings.scan_on,
    readings.observed_at,
    readings.extraction_id
from {{ source('raw', platform ~ '_insights') }} as readings
cross join lateral (
    select
        readings.payload ->> 'metric' as metric_name,
        case
            when jsonb_typeof(readings.payload -> 'value') = 'number'
                then (readings.payload ->> 'value')::numeric
        end as value
    where jsonb_typeof(readings.payload -> 'value') is distinct from 'object'
    union all
    select
        (readings.payload ->> 'metric') || '/' || members.name as metric_name,
        case
            when jsonb_typeof(members.value) = 'number' then (members.value #>> '{}')::numeric
        end as value
    from jsonb_each(
        case
            when jsonb_typeof(readings.payload -> 'value') = 'object'
                then readings.payload -> 'value'
            else '{}'
        end
    ) as members (name, value)
) as parts
{%- endmacro %}
