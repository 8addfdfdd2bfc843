{{ config(materialized='view', meta={'distributed_by': 'account_id', 'view_of': 'fct_service_period'}) }}
-- Read, and not one of the closed messages with its like told: the page itself never asked, which is
-- something else than that nobody said anything.
select
    facts.account_id,
    facts.period_kind,
    facts.period_start,
    'M27' as metric_id,
    'klankbord' as definition_id,
    coalesce(
        periods.messages_days > 0
        and owners.owner_days > 0
        and (facts.items > 0 or facts.closed_items = 0),
        false
    ) as is_observed,
    periods.is_messages_refused or coalesce(owners.is_owner_refused, false) as is_refused,
    case when owners.owner_days > 0 then least(owners.owner_days, periods.messages_days) else 0 end
        as observed_days,
    facts.items_handled::double precision as numerator,
    facts.items::double precision as denominator,
    facts.items as n_cases,
    null::double precision as own_value,
    {{ share_bound('facts.items_handled', 'facts.items', 'lower') }} as own_lower,
    {{ share_bound('facts.items_handled', 'facts.items', 'upper') }} as own_upper
from {{ ref('fct_service_period') }} as facts
inner join {{ ref('int_account_periods') }} as periods
    on
        facts.account_id = periods.account_id
        and facts.period_kind = periods.period_kind
        and facts.period_start = periods.period_start
left join {{ ref('int_owner_periods') }} as owners
    on
        facts.account_id = owners.account_id
        and facts.period_kind = owners.period_kind
        and facts.period_start = owners.period_start
