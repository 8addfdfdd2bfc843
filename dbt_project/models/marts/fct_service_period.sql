{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'period_start'}}
) }}
select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    count(messages.message_id) as closed_items,
    count(messages.is_handled) as items,
    count(*) filter (where messages.is_handled) as items_handled
from {{ ref('int_account_periods') }} as periods
left join {{ ref('fct_message_handling') }} as messages
    on
        periods.account_id = messages.account_id
        and messages.created_on between periods.period_start and periods.period_end
        and {{ open('account', 'messages.created_on', 'messages') }}
where
    periods.platform in {{ listed(var("platforms_with_own_likes")) }}
    and {{ open('account', 'periods.period_start', 'periods') }}
group by periods.account_id, periods.period_kind, periods.period_start
