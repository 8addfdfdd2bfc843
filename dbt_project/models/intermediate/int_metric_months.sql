select
    metrics.metric_id,
    months.platform,
    months.period_start,
    months.last_on,
    case
        when months.latest_scan_on > months.period_end + metrics.closing_days then 'final'
        else 'provisional'
    end as status,
    months.has_synthetic_accounts
from {{ ref('metrics') }} as metrics
cross join {{ ref('int_platform_months') }} as months
where
    metrics.grain = 'organisation'
    -- a month before the first scan could be read is not a gap in what a stream tells
    and case metrics.stream
        when 'posts' then months.posts_since_on <= months.period_end
        when 'outgoing' then months.posts_since_on <= months.period_end
        when 'messages' then months.messages_since_on <= months.period_end
        else true
    end
