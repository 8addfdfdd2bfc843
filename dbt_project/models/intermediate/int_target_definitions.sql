-- A target says a metric, a segment, a denominator and a unit: only together do they name a figure.
with metrics as (
    select
        metric_id,
        array_agg(distinct segment) as segments
    from {{ ref('target_series') }}
    group by metric_id
)

select
    targets.target_id,
    targets.organisation_id,
    targets.metric_id,
    targets.platform,
    targets.segment,
    targets.kind,
    targets.direction,
    targets.target_value::double precision as target_value,
    targets.unit,
    targets.denominator,
    targets.baseline_value::double precision as baseline_value,
    targets.baseline_on,
    targets.due_on,
    series.series,
    series.factor::double precision as factor,
    series.window_months,
    -- neighbouring months share eleven of theirs
    series.window_months > 1 or series.series in ('web_visits', 'first_message') as is_windowed,
    case
        when metrics.metric_id is null then 'metric_not_measured'
        when not targets.segment = any(metrics.segments) then 'segment_not_measured'
        when series.series is null then 'other_denominator'
        -- followers and questions add up over channels; percentages of unlike things do not
        when targets.platform is null and not series.is_summed then 'needs_platform'
    end as missing_reason
from {{ ref('stg_targets__targets') }} as targets
left join metrics on targets.metric_id = metrics.metric_id
left join {{ ref('target_series') }} as series
    on
        targets.metric_id = series.metric_id
        and targets.segment = series.segment
        and targets.denominator = series.denominator
        and targets.unit = series.unit
