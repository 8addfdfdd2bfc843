{{ config(meta={'distributed_by': 'account_id'}) }}
-- Two clocks of each question: the calendar's, and that of its body's opening hours. A question is
-- followed until its window closes or until we last looked, whichever is first.
with calendars as (
    select distinct on (accounts.account_id)
        accounts.account_id,
        calendars.calendar_id
    from {{ ref('stg_register__accounts') }} as accounts
    inner join {{ ref('int_organisation_calendars') }} as calendars
        on accounts.organisation_id = calendars.organisation_id
    order by accounts.account_id, accounts.valid_from desc nulls last
),

questions as (
    select
        messages.account_id,
        messages.message_id as question_id,
        messages.platform,
        messages.created_at,
        messages.question_rules,
        calendars.calendar_id,
        coalesce(
            states.messages_known_until
            >= messages.created_at + interval '{{ var("window_hours") }} hours',
            false
        ) as is_closed,
        case
            when states.messages_known_until >= messages.created_at
                then least(
                    states.messages_known_until,
                    messages.created_at + interval '{{ var("window_hours") }} hours'
                )
        end as followed_until,
        responses.response_id,
        responses.responded_at
    from {{ ref('int_messages') }} as messages
    left join calendars on messages.account_id = calendars.account_id
    left join {{ ref('int_account_states') }} as states
        on messages.account_id = states.account_id
    left join {{ ref('int_first_responses') }} as responses
        on
            messages.account_id = responses.account_id
            and messages.message_id = responses.message_id
    where
        messages.is_question
        and not messages.is_own
        and {{ open('account', 'messages.created_on', 'messages') }}
)

select
    questions.account_id,
    questions.question_id,
    questions.platform,
    {{ local_date('questions.created_at') }} as created_on,
    questions.is_closed,
    questions.response_id,
    extract(epoch from questions.responded_at - questions.created_at)::double precision / 3600
        as response_hours,
    extract(epoch from questions.followed_until - questions.created_at)::double precision / 3600
        as follow_up_hours,
    (
        {{ open_seconds('answered', 'questions.responded_at') }}
        - {{ open_seconds('asked', 'questions.created_at') }}
    ) / 3600 as open_response_hours,
    (
        {{ open_seconds('followed', 'questions.followed_until') }}
        - {{ open_seconds('asked', 'questions.created_at') }}
    ) / 3600 as open_follow_up_hours,
    questions.created_at,
    questions.responded_at,
    questions.followed_until,
    questions.question_rules
from questions
left join {{ ref('int_open_hours') }} as asked
    on {{ in_open_hours('asked', 'questions.calendar_id', 'questions.created_at') }}
left join {{ ref('int_open_hours') }} as answered
    on {{ in_open_hours('answered', 'questions.calendar_id', 'questions.responded_at') }}
left join {{ ref('int_open_hours') }} as followed
    on {{ in_open_hours('followed', 'questions.calendar_id', 'questions.followed_until') }}
