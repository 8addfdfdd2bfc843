{{ config(
    materialized='growing',
    indexes=[{'columns': ['account_id', 'question_id']}],
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'created_on'}}
) }}
select
    account_id,
    question_id,
    platform,
    created_on,
    is_closed,
    coalesce(response_hours <= {{ var("window_hours") }}, false) as is_answered_in_time,
    is_closed and coalesce(response_hours <= {{ var("window_hours") }}, false) as is_answered,
    response_id,
    response_hours,
    follow_up_hours,
    open_response_hours,
    open_follow_up_hours,
    created_at,
    responded_at,
    question_rules
from {{ ref('int_question_clocks') }}
