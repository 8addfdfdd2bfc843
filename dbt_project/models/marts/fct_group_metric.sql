-- What may be seen of a group (docs/design.md, "What is hidden, and from whom").
with judged as (
    select
        statistics.*,
        -- this period's sum and the change since the last one would give the last one's sum
        coalesce(families.is_change, false) as is_change,
        suppressed.group_id is null as is_open,
        suppressed.group_id is null
        and statistics.n >= {{ var("minimum_group_size") }} as is_shown,
        -- of fewer, a quartile is one organisation's own figure
        suppressed.group_id is null
        and statistics.n >= {{ var("minimum_quartile_size") }} as is_spread_shown
    from {{ ref('fct_group_statistic') }} as statistics
    left join {{ ref('fct_suppressed_cell') }} as suppressed
        on
            statistics.group_id = suppressed.group_id
            and statistics.platform = suppressed.platform
            and statistics.metric_id = suppressed.metric_id
            and statistics.definition_id = suppressed.definition_id
            and statistics.period_kind = suppressed.period_kind
            and statistics.period_start = suppressed.period_start
    left join {{ ref('disclosure_families') }} as families
        on statistics.metric_id = families.metric_id
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
        else median
    end as value,
    case when is_open then n end as n,
    n_members,
    case when is_open then coverage end as coverage,
    case when is_shown and not is_change then mean end as mean,
    case when is_shown then median end as median,
    case when is_spread_shown then q1 end as q1,
    case when is_spread_shown then q3 end as q3,
    case when is_shown and not is_change then pooled end as pooled,
    status,
    case when not is_shown then 'suppressed' end as missing_reason,
    is_synthetic
from judged
