{{ config(materialized='view', meta={'distributed_by': 'account_id', 'view_of': 'fct_activity_period'}) }}
select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    figure.metric_id,
    figure.definition_id,
    figure.is_observed,
    figure.is_refused,
    figure.observed_days,
    figure.numerator,
    figure.denominator,
    figure.n_cases,
    figure.own_value,
    figure.own_lower,
    figure.own_upper
from {{ ref('int_account_periods') }} as periods
inner join {{ ref('fct_activity_period') }} as facts
    on
        periods.account_id = facts.account_id
        and periods.period_kind = facts.period_kind
        and periods.period_start = facts.period_start
cross join
    lateral (
        values
        (
            -- those who post and those who do not need the same days: else a gap would favour one
            'M02', 'klankbord',
            periods.active_days >= {{ var("active_measured_share") }} * {{ var("active_days") }},
            periods.is_posts_refused, periods.active_days,
            case when facts.active_originals > 0 then 1 else 0 end::double precision,
            1::double precision, facts.active_originals,
            null::double precision, null::double precision, null::double precision
        ),
        (
            'M03', 'klankbord', periods.posts_days > 0, periods.is_posts_refused,
            periods.posts_days,
            facts.observed_originals, periods.posts_days, facts.observed_originals,
            null, null, null
        ),
        (
            'M04', 'klankbord', periods.posts_days > 0, periods.is_posts_refused,
            periods.posts_days,
            facts.posting_days, periods.posts_days, facts.observed_originals,
            null, null, null
        )
    ) as figure (
        metric_id, definition_id, is_observed, is_refused, observed_days,
        numerator, denominator, n_cases, own_value, own_lower, own_upper
    )
