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
inner join {{ ref('platforms') }} as platforms on months.platform = platforms.platform
where
    metrics.grain = 'organisation'
    -- what a platform does not have is no figure of it
    and (platforms.has_followers or not metrics.needs_followers)
    and (platforms.has_messages or metrics.stream not in ('outgoing', 'messages'))
    -- a month before the first scan could be read is not a gap in what a stream tells
    and case metrics.stream
        when 'posts' then months.posts_since_on <= months.period_end
        when 'outgoing' then months.posts_since_on <= months.period_end
        when 'messages' then months.messages_since_on <= months.period_end
        else true
    end
