{{ config(meta={'distributed_by': 'account_id'}) }}
-- A line a metric: was it observed, was it refused, on how many days; numerator, denominator, number
-- of cases; and its value, where that is not scale x numerator / denominator.
with figures as (
    select
        m.account_id,
        m.period_start,
        m.organisation_id,
        m.platform,
        m.last_on,
        m.access_tier,
        m.is_synthetic,
        m.month_days,
        figure.*
    from {{ ref('fct_account_month') }} as m
    cross join
        lateral (
            values
            (
                'M02', m.active_days > 0, m.is_posts_refused, m.posts_days,
                case when m.active_originals > 0 then 1 else 0 end::double precision,
                1::double precision, m.active_originals, null::double precision
            ),
            (
                'M03', m.posts_days > 0, m.is_posts_refused, m.posts_days,
                m.observed_originals, m.posts_days, m.observed_originals, null
            ),
            (
                'M05', m.followers is not null and m.inhabitants > 0,
                m.is_profiles_refused and m.followers is null,
                case when m.followers is not null then m.month_days else 0 end,
                m.followers, m.inhabitants, 1, null
            ),
            (
                'M11', m.engagement_posts > 0, m.is_posts_refused and m.posts_days = 0,
                m.posts_days, m.engagement_pct_sum, m.engagement_posts, m.engagement_posts, null
            ),
            (
                'M21', m.outgoing_days > 0, m.is_outgoing_refused, m.outgoing_days,
                m.replies, m.outgoing_messages, m.outgoing_messages, null
            ),
            (
                'M22', m.outgoing_days > 0, m.is_outgoing_refused, m.outgoing_days,
                case when m.replies > 0 then 1 when m.outgoing_messages > 0 then 0 end,
                case when m.outgoing_messages > 0 then 1 end, m.outgoing_messages, null
            ),
            (
                'M26', m.messages_days > 0, m.is_messages_refused, m.messages_days,
                m.answered_questions, m.closed_questions, m.closed_questions, null
            ),
            (
                'M29', m.messages_days > 0, m.is_messages_refused, m.messages_days,
                null, null, m.answered_questions, m.response_hours_median
            ),
            (
                'M30', m.messages_days > 0, m.is_messages_refused, m.messages_days,
                m.response_hours_sum, m.answered_questions, m.answered_questions, null
            )
        ) as figure (
            metric_id, is_observed, is_refused, days, numerator, denominator, n_cases, own_value
        )
),

valued as (
    select
        figures.*,
        coalesce(
            figures.own_value,
            metrics.scale * figures.numerator / nullif(figures.denominator, 0)
        ) as known_value
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
