{{ config(
    materialized='growing',
    meta={'open': {'kind': 'block', 'date': 'period_start'}}
) }}
-- What may be seen of a group (docs/design.md, "What is hidden, and from whom").
with judged as (
    select
        statistics.*,
        -- what a platform cannot give is no secret: the catalogue says it
        pairs.is_applicable is not false as is_applicable,
        statistics.headline in ('mean', 'pooled') as is_sum,
        -- this period's sum and the change since the last one would give the last one's sum
        coalesce(families.is_change, false) as is_change,
        suppressed.group_id is null as is_open,
        suppressed.group_id is null
        and statistics.n >= {{ var("minimum_group_size") }} as is_shown,
        -- a figure that names the few who are in two groups is told of neither
        coincident.is_middle_coincident is not true as is_middle_told,
        -- of fewer, a quartile is one organisation's own figure
        suppressed.group_id is null
        and coincident.is_spread_coincident is not true
        and statistics.n >= {{ var("minimum_quartile_size") }} as is_spread_shown,
        -- and so would p10 and p90 be, and the ends of an interval, where few lie beyond
        suppressed.group_id is null
        and coincident.is_tail_coincident is not true
        and {{ has_tails('statistics.n') }} as is_tail_shown,
        suppressed.group_id is null
        -- the ends lie close around the median
        and coincident.is_middle_coincident is not true
        and coincident.is_interval_coincident is not true
        and {{ has_interval('metrics.group_interval_kind', 'statistics.n') }} as is_interval_shown,
        -- a time that is only known to be longer than the window has its place, and adds up to nothing
        metrics.interval_kind <> 'survival' as is_additive,
        -- a second sum with known weights: for those alone who see the members' figures (T0 to T2)
        metrics.tier <= 'T2' as is_open_to_members
    from {{ ref('fct_group_statistic') }} as statistics
    inner join {{ ref('dim_metric') }} as metrics on statistics.metric_id = metrics.metric_id
    left join {{ ref('metric_platforms') }} as pairs
        on statistics.metric_id = pairs.metric_id and statistics.platform = pairs.platform
    left join {{ ref('fct_suppressed_cell') }} as suppressed
        on statistics.group_id = suppressed.group_id and {{ same_figure('statistics', 'suppressed') }}
    left join {{ ref('fct_coincident_cell') }} as coincident
        on
            statistics.group_id = coincident.group_id
            and statistics.platform = coincident.platform
            and metrics.base_metric_id = coincident.metric_id
            and statistics.definition_id = coincident.definition_id
            and statistics.period_kind = coincident.period_kind
            and statistics.period_start = coincident.period_start
    left join {{ ref('disclosure_families') }} as families
        on statistics.metric_id = families.metric_id
    where {{ open('block', 'statistics.period_start', 'statistics') }}
)

select
    group_id,
    platform,
    metric_id,
    definition_id,
    period_kind,
    period_start,
    case
        when not is_shown then null
        when headline = 'mean' then mean
        when headline = 'pooled' then pooled
        when is_middle_told then median
    end as value,
    case when is_interval_shown then lower end as lower,
    case when is_interval_shown then upper end as upper,
    case when is_open then n end as n,
    n_members,
    case when is_open then coverage end as coverage,
    case when is_shown and not is_change and is_additive then mean end as mean,
    case when is_shown and not is_change and is_additive and is_open_to_members then weighted_mean end
        as weighted_mean,
    case when is_shown and is_middle_told then median end as median,
    case when is_tail_shown then p10 end as p10,
    case when is_spread_shown then q1 end as q1,
    case when is_spread_shown then q3 end as q3,
    case when is_tail_shown then p90 end as p90,
    case when is_shown and not is_change then pooled end as pooled,
    status,
    case
        when not is_applicable then 'not_applicable'
        when not is_shown or not (is_sum or is_middle_told) then 'suppressed'
    end as missing_reason,
    is_synthetic
from judged
