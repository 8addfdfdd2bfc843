-- A body's visits from social networks: all of them together, and network by network. A year earlier
-- are the same days of the calendar, as far as both were measured.
with measured as (
    select
        organisation_id,
        visited_on,
        social_visits,
        is_final
    from {{ ref('fct_web_day') }}
),

asked as (
    select
        organisation_id,
        visited_on as day_on
    from measured
    union all
    select
        organisation_id,
        read_on - 1 as day_on
    from {{ ref('stg_web__outcomes') }}
),

bodies as (
    select
        organisation_id,
        min(day_on) as first_on
    from asked
    group by organisation_id
),

latest as (
    select max(day_on) as latest_on from asked
),

-- a body whose sites all refuse
refused as (
    select
        organisation_id,
        bool_and(status = 'refused') as is_refused
    from (
        select distinct on (organisation_id, site)
            organisation_id,
            status
        from {{ ref('stg_web__outcomes') }}
        order by organisation_id, site, read_on desc
    ) as sites
    group by organisation_id
),

periods as (
    select
        bodies.organisation_id,
        kinds.period_kind,
        starts.starts_at::date as period_start,
        (starts.starts_at + kinds.length)::date - 1 as period_end,
        least((starts.starts_at + kinds.length)::date - 1, latest.latest_on) as last_on
    from bodies
    cross join latest
    cross join (
        values ('month', interval '1 month'), ('quarter', interval '3 months')
    ) as kinds (period_kind, length)
    cross join lateral generate_series(
        date_trunc(kinds.period_kind, bodies.first_on::timestamp),
        latest.latest_on::timestamp,
        kinds.length
    ) as starts (starts_at)
),

-- 29 February has no day before
pairs as (
    select
        days.organisation_id,
        days.visited_on,
        earlier.visited_on as before_on
    from measured as days
    inner join measured as earlier
        on
            days.organisation_id = earlier.organisation_id
            and (days.visited_on - interval '1 year')::date = earlier.visited_on
            and (earlier.visited_on + interval '1 year')::date = days.visited_on
),

counted_days as (
    select
        periods.organisation_id,
        periods.period_kind,
        periods.period_start,
        count(days.visited_on)::integer as measured_days,
        count(pairs.visited_on)::integer as compared_days,
        bool_and(days.is_final) as is_final
    from periods
    left join measured as days
        on
            periods.organisation_id = days.organisation_id
            and days.visited_on between periods.period_start and periods.last_on
    left join pairs
        on
            days.organisation_id = pairs.organisation_id
            and days.visited_on = pairs.visited_on
    group by periods.organisation_id, periods.period_kind, periods.period_start
),

visits as (
    select
        organisation_id,
        'all' as network,
        visited_on,
        social_visits as visits
    from measured
    union all
    select
        organisation_id,
        network,
        visited_on,
        visits
    from {{ ref('fct_web_visits') }}
),

-- each visit on its day, and again on the day that is compared with it
laid as (
    select
        visits.organisation_id,
        visits.network,
        visits.visited_on as day_on,
        visits.visits,
        case when pairs.visited_on is not null then visits.visits end as visits_compared,
        null::bigint as visits_before
    from visits
    left join pairs
        on
            visits.organisation_id = pairs.organisation_id
            and visits.visited_on = pairs.visited_on
    union all
    select
        visits.organisation_id,
        visits.network,
        pairs.visited_on as day_on,
        null as visits,
        null as visits_compared,
        visits.visits as visits_before
    from visits
    inner join pairs
        on
            visits.organisation_id = pairs.organisation_id
            and visits.visited_on = pairs.before_on
),

networks as (
    select distinct
        organisation_id,
        network
    from visits
    union
    select
        organisation_id,
        'all' as network
    from bodies
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
    from periods
    inner join laid
        on
            periods.organisation_id = laid.organisation_id
            and laid.day_on between periods.period_start and periods.last_on
    group by periods.organisation_id, laid.network, periods.period_kind, periods.period_start
)

select
    periods.organisation_id,
    networks.network,
    periods.period_kind,
    periods.period_start,
    periods.last_on,
    periods.last_on - periods.period_start + 1 as period_days,
    days.measured_days,
    days.compared_days,
    -- a network without a row brought nobody on a day that was measured
    (case when days.measured_days > 0 then greatest(summed.visits, 0) end)::bigint as visits,
    (case when days.compared_days > 0 then greatest(summed.visits_compared, 0) end)::bigint
        as visits_compared,
    (case when days.compared_days > 0 then greatest(summed.visits_before, 0) end)::bigint
        as visits_before,
    coalesce(refused.is_refused, false) and days.measured_days = 0 as is_refused,
    periods.last_on = periods.period_end and coalesce(days.is_final, true) as is_final
from periods
inner join networks on periods.organisation_id = networks.organisation_id
inner join counted_days as days
    on
        periods.organisation_id = days.organisation_id
        and periods.period_kind = days.period_kind
        and periods.period_start = days.period_start
left join summed
    on
        periods.organisation_id = summed.organisation_id
        and networks.network = summed.network
        and periods.period_kind = summed.period_kind
        and periods.period_start = summed.period_start
left join refused on periods.organisation_id = refused.organisation_id
