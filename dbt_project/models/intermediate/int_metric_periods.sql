select
    metrics.metric_id,
    periods.platform,
    periods.period_kind,
    periods.period_start,
    periods.last_on,
    case
        when periods.latest_scan_on > periods.period_end + metrics.closing_days then 'final'
        else 'provisional'
    end as status,
    -- why the platform cannot give the metric; NULL: it can
    pairs.reason_code as not_applicable_reason,
    periods.has_synthetic_accounts
from {{ ref('metrics') }} as metrics
inner join {{ ref('metric_platforms') }} as pairs on metrics.metric_id = pairs.metric_id
inner join {{ ref('int_platform_periods') }} as periods on pairs.platform = periods.platform
where
    metrics.is_computed
    and metrics.grain = 'organisation'
    -- a period before the first scan could be read is not a gap in what a stream tells
    and case metrics.stream
        when 'posts' then periods.posts_since_on <= periods.period_end
        when 'outgoing' then periods.posts_since_on <= periods.period_end
        -- what an owner sees is read with the posts that it is of
        when 'insights' then periods.posts_since_on <= periods.period_end
        when 'messages' then periods.messages_since_on <= periods.period_end
        else true
    end
