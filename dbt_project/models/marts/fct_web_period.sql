-- A body's visits from social networks: all of them together, and network by network. A year earlier
-- are the same days of the calendar, as far as both were measured.
with counted_days as (
    select
        periods.organisation_id,
        periods.period_kind,
        periods.period_start,
        periods.last_on,
        periods.is_refused,
        count(days.visited_on)::integer as measured_days,
        count(pairs.visited_on)::integer as compared_days,
        periods.last_on = periods.period_end and coalesce(bool_and(days.is_final), true) as is_final
    from {{ ref('fct_web_calendar') }} as periods
    left join {{ ref('fct_web_day') }} as days
        on
            periods.organisation_id = days.organisation_id
            and days.visited_on between periods.period_start and periods.last_on
    left join {{ ref('fct_web_day_pair') }} as pairs
        on
            days.organisation_id = pairs.organisation_id
            and days.visited_on = pairs.visited_on
    group by
        periods.organisation_id, periods.period_kind, periods.period_start, periods.period_end,
        periods.last_on, periods.is_refused
),

networks as (
    select
        organisation_id,
        network
    from {{ ref('fct_web_comparison') }}
    union
    select
        organisation_id,
        'all' as network
    from counted_days
),

summed as (
    select
        periods.organisation_id,
        laid.network,
        periods.period_kind,
        periods.period_start,
        sum(laid.visits) as visits,
        sum(laid.visits_compared) as visits_compared,
        sum(laid.visits_before) as visits_before
    from counted_days as periods
    inner join {{ ref('fct_web_comparison') }} as laid
        on
            periods.organisation_id = laid.organisation_id
            and laid.day_on between periods.period_start and periods.last_on
    group by periods.organisation_id, laid.network, periods.period_kind, periods.period_start
)

select
    days.organisation_id,
    networks.network,
    days.period_kind,
    days.period_start,
    days.last_on,
    days.last_on - days.period_start + 1 as period_days,
    days.measured_days,
    days.compared_days,
    -- a network without a row brought nobody on a day that was measured
    (case when days.measured_days > 0 then greatest(summed.visits, 0) end)::bigint as visits,
    (case when days.compared_days > 0 then greatest(summed.visits_compared, 0) end)::bigint
        as visits_compared,
    (case when days.compared_days > 0 then greatest(summed.visits_before, 0) end)::bigint
        as visits_before,
    days.is_refused and days.measured_days = 0 as is_refused,
    days.is_final
from counted_days as days
inner join networks on days.organisation_id = networks.organisation_id
left join summed
    on
        days.organisation_id = summed.organisation_id
        and networks.network = summed.network
        and days.period_kind = summed.period_kind
        and days.period_start = summed.period_start
