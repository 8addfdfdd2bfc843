{{ config(materialized='view', meta={'distributed_by': 'account_id', 'view_of': 'fct_activity_period'}) }}
select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    figure.metric_id,
    'klankbord' as definition_id,
    figure.is_observed,
    figure.is_refused,
    figure.observed_days,
    figure.numerator,
    figure.denominator,
    figure.n_cases,
    null::double precision as own_value,
    figure.own_lower,
    figure.own_upper
from {{ ref('int_account_periods') }} as periods
inner join {{ ref('fct_activity_period') }} as facts
    on
        periods.account_id = facts.account_id
        and periods.period_kind = facts.period_kind
        and periods.period_start = facts.period_start
inner join {{ ref('fct_thread_period') }} as threads
    on
        periods.account_id = threads.account_id
        and periods.period_kind = threads.period_kind
        and periods.period_start = threads.period_start
cross join
    lateral (
        values
        (
            'M21', periods.outgoing_days > 0, periods.is_outgoing_refused, periods.outgoing_days,
            facts.replies::double precision, facts.outgoing_messages::double precision,
            facts.outgoing_messages,
            {{ share_bound('facts.replies', 'facts.outgoing_messages', 'lower') }},
            {{ share_bound('facts.replies', 'facts.outgoing_messages', 'upper') }}
        ),
        (
            'M22', periods.outgoing_days > 0, periods.is_outgoing_refused, periods.outgoing_days,
            case when facts.replies > 0 then 1 when facts.outgoing_messages > 0 then 0 end,
            case when facts.outgoing_messages > 0 then 1 end, facts.outgoing_messages, null, null
        ),
        (
            'M23', periods.messages_days > 0, periods.is_messages_refused, periods.messages_days,
            -- the sum over no conversations
            case when threads.threads = 0 then 0 else threads.thread_messages end,
            threads.threads, threads.threads, null, null
        )
    ) as figure (
        metric_id, is_observed, is_refused, observed_days, numerator, denominator, n_cases,
        own_lower, own_upper
    )
