{{ config(meta={'distributed_by': 'account_id'}) }}
with readings as (
    select
        account_id,
        post_id,
        platform,
        case when post_id is null then 'account' else 'post' end as level,
        metric_name,
        period,
        'api' as reading_source,
        value,
        end_at,
        scan_on,
        observed_at
    from {{ ref('int_insights') }}
),

zones as (
    select distinct
        platform,
        day_zone
    from {{ ref('platform_metrics') }}
    where day_zone is not null
),

figures as (
    select
        readings.*,
        -- the day as the platform counts it: in its own zone, ending at its own midnight
        ((readings.end_at - interval '1 microsecond') at time zone zones.day_zone)::date as day_on
    from readings
    left join zones
        on readings.platform = zones.platform and readings.period = 'day'
),

-- a figure that the registry does not know on its day has no meaning that could be compared
named as (
    select
        figures.*,
        metrics.canonical_name,
        metrics.metric_basis
    from figures
    inner join {{ ref('platform_metrics') }} as metrics
        on
            figures.platform = metrics.platform
            and figures.level = metrics.level
            and figures.metric_name = metrics.metric_name
            and figures.period = metrics.period
            and {{ valid_on('metrics', 'coalesce(figures.day_on, figures.scan_on)') }}
    where metrics.canonical_name is not null
),

-- owners' export files carry our names already; a day is the day as the file says it, and a figure
-- over days of somebody's choice can be compared with nothing
exported as (
    select
        account_id,
        post_id,
        platform,
        case when post_id is null then 'account' else 'post' end as level,
        metric_name as canonical_name,
        metric_basis,
        metric_name,
        period,
        source as reading_source,
        case when period = 'day' then end_on end as day_on,
        value,
        null::timestamptz as end_at,
        (observed_on + 1)::timestamp at time zone '{{ var("local_zone") }}' as observed_at
    from {{ ref('stg_exports__insights') }}
    where period in ('day', 'lifetime')
),

known as (
    select
        account_id,
        post_id,
        platform,
        level,
        canonical_name,
        metric_basis,
        metric_name,
        period,
        reading_source,
        day_on,
        value,
        end_at,
        observed_at
    from named
    union all
    select * from exported
)

-- of a figure and day the API's reading beats a file's, and what was learnt last holds
select distinct on (account_id, post_id, canonical_name, period, day_on) *
from known
order by
    account_id, post_id, canonical_name, period, day_on,
    reading_source = 'api' desc, observed_at desc
