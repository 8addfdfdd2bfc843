{#- Whether changes since the year before are told of a period of int_platform_periods (var change_days). -#}
{% macro told_as_change(row) -%}
    {{ row }}.period_end > {{ row }}.latest_scan_on - {{ var("change_days") }}
{%- endmacro %}

{#- After a growing table of changes got its open rows: the rows of periods that are told no more go.
    A period is told again only when a platform's last scan is an older one than it was, and then
    everything is open (klankbord.horizon.widen). -#}
{% macro forget_past_changes() -%}
    delete from {{ this }} as past
    using {{ ref("int_platform_periods") }} as periods
    where
        past.platform = periods.platform
        and past.period_kind = periods.period_kind
        and past.period_start = periods.period_start
        and not ({{ told_as_change("periods") }})
{%- endmacro %}
