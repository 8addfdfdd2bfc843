{{ config(meta={'distributed_by': 'account_id'}) }}
-- Sums of whole numbers over posts; each metric has one basis, so nothing is added over two.
select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    posts.metric_id,
    count(*) filter (where not posts.is_other_count) as posts,
    count(*) filter (where posts.is_other_count) as other_count_posts,
    count(*) filter (where posts.reading_source = 'file' and not posts.is_other_count)
        as file_posts,
    sum(posts.numerator order by posts.post_id) as numerator,
    sum(posts.denominator order by posts.post_id) as denominator,
    min(posts.numerator) as lowest
from {{ ref('int_account_periods') }} as periods
inner join {{ ref('fct_post_insight') }} as posts
    on
        periods.account_id = posts.account_id
        and posts.created_on between periods.period_start and periods.period_end
group by periods.account_id, periods.period_kind, periods.period_start, posts.metric_id
