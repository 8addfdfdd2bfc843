{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'created_on'}}
) }}
select
    messages.account_id,
    messages.message_id as post_id,
    messages.platform,
    messages.message_kind,
    messages.created_on,
    spans.account_id is not null as is_on_observed_day,
    counters.reactions,
    counters.comments,
    counters.shares,
    counters.interactions,
    readings.followers,
    case
        when messages.message_kind = 'original' and readings.followers > 0
            then 100.0::double precision * counters.interactions / readings.followers
    end as engagement_pct,
    messages.created_at,
    counters.observed_at as counters_observed_at
from {{ ref('int_outgoing_messages') }} as messages
left join {{ ref('int_aged_counters') }} as counters
    on messages.account_id = counters.account_id and messages.message_id = counters.post_id
left join {{ ref('fct_follower_reading') }} as readings
    on
        messages.account_id = readings.account_id
        and messages.created_on between readings.observed_on and readings.carried_to_on
        and {{ open('account', 'readings.observed_on', 'readings', 32) }}
left join {{ ref('int_observed_spans') }} as spans
    on
        messages.account_id = spans.account_id
        and spans.stream = 'posts'
        and messages.created_on between spans.first_on and spans.last_on
where {{ open('account', 'messages.created_on', 'messages') }}
