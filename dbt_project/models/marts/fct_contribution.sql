{{ config(materialized='view', meta={'view_of': 'fct_metric'}) }}
-- What can be added and subtracted: a mean times n is a sum of values, and whoever knows the
-- denominators (inhabitants are public) makes a sum of numerators out of a pooled ratio.
select
    figures.organisation_id,
    figures.platform,
    coalesce(families.family, figures.metric_id) as family,
    coalesce(families.is_public, false) as is_public,
    date_trunc('quarter', figures.period_start)::date as quarter_start,
    figures.metric_id,
    figures.definition_id,
    figures.period_kind,
    figures.period_start,
    figures.as_of_on,
    measures.measure,
    measures.measure = 'value' and metrics.unit = 'share' as is_bounded,
    abs(measures.amount) as amount
from {{ ref('fct_member_figure') }} as figures
inner join {{ ref('metrics') }} as metrics on figures.metric_id = metrics.metric_id
left join {{ ref('disclosure_families') }} as families on figures.metric_id = families.metric_id
cross join
    lateral (
        values
        ('value', figures.value),
        -- of a share of organisations numerator and value are one
        ('numerator', case when metrics.aggregation <> 'share' then figures.numerator end),
        ('denominator', case when metrics.aggregation <> 'share' then figures.denominator end)
    ) as measures (measure, amount)
where figures.value is not null and measures.amount is not null
