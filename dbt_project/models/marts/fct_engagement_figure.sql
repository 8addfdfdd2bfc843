{{ config(materialized='view', meta={'distributed_by': 'account_id', 'view_of': 'fct_engagement_period'}) }}
-- Each is a mean or a share over its cases: posts, or the days of M12; M10 is their median. Without a
-- case there is none.
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
    case when figure.own_value is null then figure.cases end::double precision as denominator,
    figure.cases as n_cases,
    figure.own_value,
    -- a share of posts is one of cases; nothing like it is known of a mean
    case when figure.is_share then {{ share_bound('figure.numerator', 'figure.cases', 'lower') }} end
        as own_lower,
    case when figure.is_share then {{ share_bound('figure.numerator', 'figure.cases', 'upper') }} end
        as own_upper
from {{ ref('int_account_periods') }} as periods
inner join {{ ref('fct_engagement_period') }} as facts
    on
        periods.account_id = facts.account_id
        and periods.period_kind = facts.period_kind
        and periods.period_start = facts.period_start
cross join
    lateral (
        values
        ('M10', facts.interaction_posts, null::double precision, facts.interactions_median, false),
        ('M11', facts.engagement_posts, facts.engagement_pct_sum::double precision, null, false),
        ('M12', facts.known_days, facts.daily_pct_sum, null, false),
        ('M15', facts.popularity_posts, facts.popularity_sum, null, false),
        ('M16', facts.commitment_posts, facts.commitment_sum, null, false),
        ('M17', facts.virality_posts, facts.virality_sum, null, false),
        ('M18a', facts.reaction_posts, facts.posts_with_reaction, null, true),
        ('M18b', facts.comment_posts, facts.posts_with_comment, null, true),
        ('M18c', facts.share_posts, facts.posts_with_share, null, true),
        ('M19', facts.summed_posts, facts.summed_sum, null, false),
        ('M20', facts.summed_posts, facts.weighted_sum, null, false)
    ) as figure (metric_id, cases, numerator, own_value, is_share)
