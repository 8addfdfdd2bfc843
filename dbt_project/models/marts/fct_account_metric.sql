{{ config(meta={'distributed_by': 'account_id'}) }}
with months as (
    select
        accounts.*,
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
        on
            accounts.account_id = activity.account_id
            and accounts.period_start = activity.period_start
    inner join {{ ref('fct_response_month') }} as response
        on
            accounts.account_id = response.account_id
            and accounts.period_start = response.period_start
    left join {{ ref('fct_audience_month') }} as audience
        on
            accounts.account_id = audience.account_id
            and accounts.period_start = audience.period_start
    left join {{ ref('int_inhabitants_at') }} as inhabitants_at
        on
            accounts.organisation_id = inhabitants_at.organisation_id
            and accounts.last_on = inhabitants_at.as_of_on
),

-- A line a metric: was it observed at all, how many days, numerator, denominator, number of cases,
-- and the value where it is not scale x numerator / denominator.
figures as (
    select
        months.account_id,
        months.organisation_id,
        months.platform,
        months.period_start,
        months.last_on,
        months.access_tier,
        months.is_synthetic,
        months.month_days,
        figure.*
    from months
    cross join lateral (values
        (
            'M02', active_days > 0, is_posts_refused, posts_days,
            case when active_originals > 0 then 1 else 0 end::double precision,
            1::double precision, active_originals, null::double precision
        ),
        (
            'M03', posts_days > 0, is_posts_refused, posts_days,
            observed_originals, posts_days, observed_originals, null
        ),
        (
            'M05', followers is not null and inhabitants > 0,
            is_profiles_refused and followers is null,
            case when followers is not null then month_days else 0 end,
            followers, inhabitants, 1, null
        ),
        (
            'M11', engagement_posts > 0, is_posts_refused and posts_days = 0, posts_days,
            engagement_pct_sum, engagement_posts, engagement_posts, null
        ),
        (
            'M21', outgoing_days > 0, is_outgoing_refused, outgoing_days,
            replies, outgoing_messages, outgoing_messages, null
        ),
        (
            'M22', outgoing_days > 0, is_outgoing_refused, outgoing_days,
            case when replies > 0 then 1 when outgoing_messages > 0 then 0 end,
            case when outgoing_messages > 0 then 1 end, outgoing_messages, null
        ),
        (
            'M26', messages_days > 0, is_messages_refused, messages_days,
            answered_questions, closed_questions, closed_questions, null
        ),
        (
            'M29', messages_days > 0, is_messages_refused, messages_days,
            null, null, answered_questions, response_hours_median
        ),
        (
            'M30', messages_days > 0, is_messages_refused, messages_days,
            response_hours_sum, answered_questions, answered_questions, null
        )
    ) as figure (
        metric_id, is_observed, is_refused, days, numerator, denominator, n_cases, own_value
    )
),

valued as (
    select
        figures.*,
        case
            when figures.own_value is not null then figures.own_value
            else metrics.scale * figures.numerator / nullif(figures.denominator, 0)
        end as known_value
    from figures
    inner join {{ ref('dim_metric') }} as metrics on figures.metric_id = metrics.metric_id
)

select
    account_id,
    metric_id,
    period_start,
    organisation_id,
    platform,
    last_on,
    case when is_observed then known_value end as value,
    case when is_observed then numerator end as numerator,
    case when is_observed then denominator end as denominator,
    case when is_observed then n_cases end as n_cases,
    days::double precision / month_days as coverage,
    access_tier,
    case
        when is_observed and known_value is not null then null
        when is_observed then 'not_applicable'
        when is_refused then 'refused'
        else 'not_observed'
    end as missing_reason,
    is_synthetic
from valued
