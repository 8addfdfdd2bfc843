{{ config(meta={'distributed_by': 'account_id'}) }}
with questions as (
    select
        messages.account_id,
        messages.message_id as question_id,
        messages.platform,
        {{ local_date('messages.created_at') }} as created_on,
        messages.created_at,
        coalesce(
            states.messages_known_until
            >= messages.created_at + interval '{{ var("window_hours") }} hours',
            false
        ) as is_closed,
        responses.response_id,
        responses.responded_at,
        extract(epoch from responses.responded_at - messages.created_at)::double precision / 3600
            as response_hours
    from {{ ref('int_messages') }} as messages
    left join {{ ref('int_account_states') }} as states
        on messages.account_id = states.account_id
    left join {{ ref('int_first_responses') }} as responses
        on
            messages.account_id = responses.account_id
            and messages.message_id = responses.question_id
    where messages.is_question and not messages.is_own
)

select
    account_id,
    question_id,
    platform,
    created_on,
    is_closed,
    is_closed and coalesce(response_hours <= {{ var("window_hours") }}, false) as is_answered,
    response_id,
    response_hours,
    created_at,
    responded_at
from questions
