{{ config(materialized='view', meta={'distributed_by': 'account_id'}) }}
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
inner join {{ ref('fct_response_period') }} as facts
    on
        periods.account_id = facts.account_id
        and periods.period_kind = facts.period_kind
        and periods.period_start = facts.period_start
cross join
    lateral (
        values
        (
            'M26', 'klankbord', periods.messages_days > 0, periods.is_messages_refused,
            periods.messages_days,
            facts.answered_questions::double precision,
            facts.closed_questions::double precision, facts.closed_questions,
            null::double precision, null::double precision, null::double precision
        ),
        (
            'M29', 'klankbord', periods.messages_days > 0, periods.is_messages_refused,
            periods.messages_days,
            null, null, facts.answered_questions, facts.response_hours_median, null, null
        ),
        (
            'M30', 'klankbord', periods.messages_days > 0, periods.is_messages_refused,
            periods.messages_days,
            facts.response_hours_sum, facts.answered_questions, facts.answered_questions,
            null, null, null
        )
    ) as figure (
        metric_id, definition_id, is_observed, is_refused, observed_days,
        numerator, denominator, n_cases, own_value, own_lower, own_upper
    )
