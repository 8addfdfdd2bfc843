{{ config(meta={'distributed_by': 'account_id'}) }}
select
    accounts.account_id,
    accounts.period_start,
    accounts.organisation_id,
    accounts.platform,
    accounts.last_on,
    accounts.access_tier,
    accounts.is_synthetic,
    accounts.month_days,
    accounts.posts_days,
    accounts.outgoing_days,
    accounts.messages_days,
    accounts.active_days,
    accounts.is_profiles_refused,
    accounts.is_posts_refused,
    accounts.is_outgoing_refused,
    accounts.is_messages_refused,
    activity.active_originals,
    activity.observed_originals,
    activity.replies,
    activity.outgoing_messages,
    activity.engagement_posts,
    activity.engagement_pct_sum,
    audience.followers,
    inhabitants_at.inhabitants,
    response.closed_questions,
    response.answered_questions,
    response.response_hours_sum,
    response.response_hours_median
from {{ ref('int_account_months') }} as accounts
inner join {{ ref('fct_activity_month') }} as activity
    on accounts.account_id = activity.account_id and accounts.period_start = activity.period_start
inner join {{ ref('fct_response_month') }} as response
    on accounts.account_id = response.account_id and accounts.period_start = response.period_start
left join {{ ref('fct_audience_month') }} as audience
    on accounts.account_id = audience.account_id and accounts.period_start = audience.period_start
left join {{ ref('int_inhabitants_at') }} as inhabitants_at
    on
        accounts.organisation_id = inhabitants_at.organisation_id
        and accounts.last_on = inhabitants_at.as_of_on
