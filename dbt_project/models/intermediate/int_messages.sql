{{ config(
    materialized='growing',
    indexes=[{'columns': ['account_id', 'message_id']}],
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'created_on'}}
) }}
with readings as (
    {{ union_platforms('messages', [
        'account_id', 'message_id', 'is_own', 'is_question', 'question_rules', 'in_reply_to_id',
        'created_at', 'observed_at'
    ], where=open_scans()) }}
)

select distinct on (account_id, message_id)
    *,
    {{ local_date('created_at') }} as created_on
from readings
order by account_id, message_id, observed_at desc
