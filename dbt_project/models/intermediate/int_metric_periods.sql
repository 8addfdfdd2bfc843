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
    periods.has_synthetic_accounts
from {{ ref('metrics') }} as metrics
cross join {{ ref('int_platform_periods') }} as periods
inner join {{ ref('platforms') }} as platforms on periods.platform = platforms.platform
where
    metrics.grain = 'organisation'
    -- what a platform does not have is no figure of it
    and (platforms.has_followers or not metrics.needs_followers)
    and (platforms.has_messages or metrics.stream not in ('outgoing', 'messages'))
    -- a period before the first scan could be read is not a gap in what a stream tells
    and case metrics.stream
        when 'posts' then periods.posts_since_on <= periods.period_end
        when 'outgoing' then periods.posts_since_on <= periods.period_end
        when 'messages' then periods.messages_since_on <= periods.period_end
        else true
    end
