{{ config(materialized='view', meta={'distributed_by': 'account_id'}) }}
-- Each is a mean or a share over its cases: posts, or the days of M12. Without a case there is none.
select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    figure.metric_id,
    'klankbord' as definition_id,
    figure.cases > 0 as is_observed,
    periods.is_posts_refused and periods.posts_days = 0 as is_refused,
    periods.posts_days as observed_days,
    figure.numerator,
    figure.cases::double precision as denominator,
    figure.cases as n_cases,
    null::double precision as own_value,
    null::double precision as own_lower,
    null::double precision as own_upper
from {{ ref('int_account_periods') }} as periods
inner join {{ ref('fct_engagement_period') }} as facts
    on
        periods.account_id = facts.account_id
        and periods.period_kind = facts.period_kind
        and periods.period_start = facts.period_start
cross join
    lateral (
        values
        ('M11', facts.engagement_posts, facts.engagement_pct_sum::double precision),
        ('M12', facts.known_days, facts.daily_pct_sum),
        ('M15', facts.popularity_posts, facts.popularity_sum),
        ('M16', facts.commitment_posts, facts.commitment_sum),
        ('M17', facts.virality_posts, facts.virality_sum),
        ('M18a', facts.reaction_posts, facts.posts_with_reaction),
        ('M18b', facts.comment_posts, facts.posts_with_comment),
        ('M18c', facts.share_posts, facts.posts_with_share),
        ('M19', facts.summed_posts, facts.summed_sum),
        ('M20', facts.summed_posts, facts.weighted_sum)
    ) as figure (metric_id, cases, numerator)
