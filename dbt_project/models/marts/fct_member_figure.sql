{{ config(materialized='view', meta={'view_of': 'fct_metric'}) }}
-- A stock's quarter is its last month. Who was not seen in that month is not in the group's quarter
-- either: else quarter less month would be those few.
with judged as (
    select
        figures.*,
        coalesce(families.is_stock, false)
        and figures.period_kind = 'quarter'
        and months.value is null as is_late
    from {{ ref('fct_metric') }} as figures
    left join {{ ref('disclosure_families') }} as families
        on figures.metric_id = families.metric_id
    -- by the index, for the few rows that need it (`limit` keeps it from becoming a join of all)
    left join lateral (
        select months.value
        from {{ ref('fct_metric') }} as months
        where
            families.is_stock
            and figures.period_kind = 'quarter'
            and figures.metric_id = months.metric_id
            and date_trunc('month', figures.as_of_on::timestamp)::date = months.period_start
            and figures.organisation_id = months.organisation_id
            and figures.platform = months.platform
            and figures.definition_id = months.definition_id
            and figures.as_of_on = months.as_of_on
            and months.period_kind = 'month'
        order by months.value
        limit 1
    ) as months on true
)

select
    organisation_id,
    platform,
    metric_id,
    definition_id,
    period_kind,
    period_start,
    as_of_on,
    case when not is_late then value end as value,
    case when not is_late then numerator end as numerator,
    case when not is_late then denominator end as denominator,
    coverage,
    is_synthetic
from judged
