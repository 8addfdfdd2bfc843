{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'period_start'}}
) }}
-- What is said within the window after the first message; later words belong to no conversation, so
-- that an old thread has no advantage.
with threads as (
    select
        answers.account_id,
        answers.thread_id,
        {{ local_date('answers.thread_created_at') }} as created_on,
        1 + count(*) as messages
    from {{ ref('int_thread_messages') }} as answers
    inner join {{ ref('int_account_states') }} as states
        on answers.account_id = states.account_id
    where
        answers.created_at between answers.thread_created_at
        and answers.thread_created_at + interval '{{ var("window_hours") }} hours'
        and states.messages_known_until
        >= answers.thread_created_at + interval '{{ var("window_hours") }} hours'
    group by answers.account_id, answers.thread_id, answers.thread_created_at
)

select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    count(threads.thread_id) as threads,
    sum(threads.messages)::bigint as thread_messages
from {{ ref('int_account_periods') }} as periods
left join (
    threads inner join {{ ref('int_observed_spans') }} as spans
        on
            threads.account_id = spans.account_id
            and spans.stream = 'messages'
            and threads.created_on between spans.first_on and spans.last_on
)
    on
        periods.account_id = threads.account_id
        and threads.created_on between periods.period_start and periods.period_end
where {{ open('account', 'periods.period_start', 'periods') }}
group by periods.account_id, periods.period_kind, periods.period_start
