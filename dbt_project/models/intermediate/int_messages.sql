{{ config(meta={'distributed_by': 'account_id'}) }}
with readings as (
    {{ union_platforms('messages', [
        'account_id', 'message_id', 'is_own', 'is_question', 'question_rules', 'in_reply_to_id',
        'created_at', 'observed_at'
    ]) }}
)

select distinct on (account_id, message_id) *
from readings
order by account_id, message_id, observed_at desc
