{{ config(materialized='view', meta={'distributed_by': 'account_id', 'view_of': 'int_account_periods'}) }}
-- Some posts counted one way and some another (a break in the platform's series): no figure of the
-- two. Where only a file told, the posts' days are what was observed.
select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    figure.metric_id,
    'klankbord' as definition_id,
    coalesce(facts.posts + facts.other_count_posts > 0, false) as is_observed,
    coalesce(owners.is_owner_refused, false) as is_refused,
    case
        when owners.owner_days > 0 then owners.owner_days
        when facts.file_posts > 0 then periods.posts_days
        else 0
    end as observed_days,
    case when facts.other_count_posts = 0 and figure.metric_id <> 'M37l' then facts.numerator end
        as numerator,
    case when facts.other_count_posts = 0 and figure.metric_id <> 'M37l' then facts.denominator end
        as denominator,
    greatest(facts.posts, 0) as n_cases,
    case when facts.other_count_posts = 0 and figure.metric_id = 'M37l' then facts.lowest end
        as own_value,
    null::double precision as own_lower,
    null::double precision as own_upper
from {{ ref('int_account_periods') }} as periods
cross join
    lateral (
        values
        ('M13', 'M13'),
        ('M14', 'M14'),
        ('M14i', 'M14i'),
        ('M37', 'M37'),
        ('M37l', 'M37'),
        ('M38', 'M38'),
        ('M38a', 'M38a'),
        ('M38v', 'M38v')
    ) as figure (metric_id, counted_as)
inner join {{ ref('metric_platforms') }} as pairs
    on
        figure.metric_id = pairs.metric_id
        and periods.platform = pairs.platform
        and pairs.is_applicable
left join {{ ref('int_owner_periods') }} as owners
    on
        periods.account_id = owners.account_id
        and periods.period_kind = owners.period_kind
        and periods.period_start = owners.period_start
left join {{ ref('fct_insights_period') }} as facts
    on
        periods.account_id = facts.account_id
        and periods.period_kind = facts.period_kind
        and periods.period_start = facts.period_start
        and figure.counted_as = facts.metric_id
