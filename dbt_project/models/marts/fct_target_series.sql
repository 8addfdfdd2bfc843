-- What targets are measured by, month by month, of the organisations that have one.
with bodies as (
    select distinct organisation_id from {{ ref('stg_targets__targets') }}
),

-- followers need no inhabitants to be counted, and are as old as their reading
followers as (
    select
        periods.organisation_id,
        periods.platform,
        periods.period_start,
        coalesce(audience.observed_on, periods.last_on) as as_of_on,
        audience.followers::double precision as value,
        case
            when audience.followers is not null then null
            when periods.is_profiles_refused then 'refused' else 'not_observed'
        end as missing_reason,
        periods.is_synthetic
    from {{ ref('int_account_periods') }} as periods
    inner join bodies on periods.organisation_id = bodies.organisation_id
    left join {{ ref('fct_audience_period') }} as audience
        on
            periods.account_id = audience.account_id
            and periods.period_kind = audience.period_kind
            and periods.period_start = audience.period_start
    where periods.period_kind = 'month'
),

months as (
    select
        days.organisation_id,
        date_trunc('month', days.visited_on::timestamp)::date as period_start,
        max(days.visited_on) as as_of_on
    from {{ ref('fct_web_day') }} as days
    inner join bodies on days.organisation_id = bodies.organisation_id
    group by days.organisation_id, date_trunc('month', days.visited_on::timestamp)
),

-- a year of visits: the same seasons on both sides of every comparison
visits as (
    select
        months.organisation_id,
        'web' as platform,
        months.period_start,
        months.as_of_on,
        case
            when count(*) >= {{ var("web_year_days", 330) }}
                then 365.0 * sum(days.social_visits)::double precision / count(*)
        end as value,
        case when count(*) < {{ var("web_year_days", 330) }} then 'too_few_days' end
            as missing_reason,
        false as is_synthetic
    from months
    inner join {{ ref('fct_web_day') }} as days
        on
            months.organisation_id = days.organisation_id
            and days.visited_on between months.as_of_on - 364 and months.as_of_on
    group by months.organisation_id, months.period_start, months.as_of_on
)

select
    organisation_id,
    platform,
    'followers' as series,
    period_start,
    as_of_on,
    value,
    null::double precision as numerator,
    null::double precision as denominator,
    1 as n_cases,
    missing_reason,
    true as is_final,
    is_synthetic
from followers
union all
select
    organisation_id,
    platform,
    'web_visits' as series,
    period_start,
    as_of_on,
    value,
    null::double precision as numerator,
    null::double precision as denominator,
    1 as n_cases,
    missing_reason,
    true as is_final,
    is_synthetic
from visits
union all
select
    organisation_id,
    'all' as platform,
    'first_message' as series,
    period_start,
    as_of_on,
    value,
    null::double precision as numerator,
    null::double precision as denominator,
    n_cases,
    missing_reason,
    is_final,
    false as is_synthetic
from {{ ref('fct_target_crisis') }}
union all
select
    figures.organisation_id,
    figures.platform,
    figures.metric_id as series,
    figures.period_start,
    figures.as_of_on,
    figures.value,
    metrics.scale * figures.numerator as numerator,
    figures.denominator,
    figures.n_cases,
    figures.missing_reason,
    figures.status = 'final' as is_final,
    figures.is_synthetic
from {{ ref('fct_metric') }} as figures
inner join bodies on figures.organisation_id = bodies.organisation_id
inner join {{ ref('dim_metric') }} as metrics on figures.metric_id = metrics.metric_id
where figures.period_kind = 'month' and figures.definition_id = 'klankbord'
