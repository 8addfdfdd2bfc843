{#- A group's figure from its members' rows: the statistic that the metric's headline names. `rows`
    holds value, numerator, denominator, organisation_id; `metric` headline and scale. -#}
{% macro statistic_of(rows, metric) -%}
    case min({{ metric }}.headline)
        when 'mean' then avg({{ rows }}.value order by {{ rows }}.organisation_id)
        when 'pooled' then min({{ metric }}.scale)
            * sum({{ rows }}.numerator order by {{ rows }}.organisation_id)
            / nullif(sum({{ rows }}.denominator order by {{ rows }}.organisation_id), 0)
        else percentile_cont(0.5) within group (order by {{ rows }}.value)
    end
{%- endmacro %}
