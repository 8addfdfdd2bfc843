-- Where a target's figure will be on its due date if it goes on as it did: Theil and Sen's line, the
-- median of the slopes between any two months, which a single odd month does not bend. The interval
-- is Sen's, of the slopes in the middle 95 % under no trend's chances.
with known as (
    select
        figures.target_id,
        figures.as_of_on,
        figures.value,
        targets.due_on,
        row_number() over (partition by figures.target_id order by figures.as_of_on desc) as age
    from {{ ref('fct_target_value') }} as figures
    inner join {{ ref('stg_targets__targets') }} as targets
        on figures.target_id = targets.target_id
    where
        figures.value is not null
        and figures.as_of_on between targets.baseline_on - 31 and targets.due_on
),

-- a year and the month before it
points as (
    select
        *,
        count(*) over (partition by target_id) as n
    from known
    where age <= 13
),

slopes as (
    select
        later.target_id,
        (later.value - earlier.value) / (later.as_of_on - earlier.as_of_on) as slope,
        row_number() over (
            partition by later.target_id
            order by (later.value - earlier.value) / (later.as_of_on - earlier.as_of_on)
        ) as place,
        later.n,
        later.n * (later.n - 1) / 2 as pairs
    from points as later
    inner join points as earlier
        on later.target_id = earlier.target_id and later.as_of_on > earlier.as_of_on
),

ranked as (
    select
        *,
        -- Kendall's statistic without a trend has the variance n (n - 1) (2n + 5) / 18
        greatest(1, floor(
            (pairs - 1.959963984540054 * sqrt(n * (n - 1) * (2 * n + 5) / 18.0)) / 2
        )) as first_place
    from slopes
),

lines as (
    select
        target_id,
        percentile_cont(0.5) within group (order by slope) as slope,
        min(slope) filter (where place = first_place) as lower_slope,
        min(slope) filter (where place = pairs - first_place + 1) as upper_slope
    from ranked
    where n >= {{ var("forecast_months", 6) }}
    group by target_id
)

select
    points.target_id,
    points.n::integer as n_points,
    lines.slope * 365.25 / 12 as slope_per_month,
    percentile_cont(0.5) within group (
        order by points.value + lines.slope * (points.due_on - points.as_of_on)
    ) as forecast,
    percentile_cont(0.5) within group (
        order by points.value + lines.lower_slope * (points.due_on - points.as_of_on)
    ) as forecast_lower,
    percentile_cont(0.5) within group (
        order by points.value + lines.upper_slope * (points.due_on - points.as_of_on)
    ) as forecast_upper
from points
left join lines on points.target_id = lines.target_id
group by points.target_id, points.n, lines.slope
