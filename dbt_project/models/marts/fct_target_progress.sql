-- One row a target, whatever is known of it: what has no value says why.
with valued as (
    select
        targets.target_id,
        targets.organisation_id,
        targets.metric_id,
        targets.platform,
        targets.segment,
        targets.kind,
        targets.direction,
        targets.denominator,
        targets.unit,
        targets.target_value,
        targets.baseline_on,
        targets.due_on,
        standings.is_due,
        standings.is_windowed,
        standings.as_of_on,
        standings.figure,
        standings.baseline_figure,
        standings.starting_value,
        standings.value,
        standings.n_months,
        standings.n_cases,
        standings.figure_status,
        standings.missing_reason,
        standings.is_synthetic,
        case targets.direction when 'at_least' then 1 else -1 end as sign
    from {{ ref('int_target_definitions') }} as targets
    inner join {{ ref('fct_target_standing') }} as standings
        on targets.target_id = standings.target_id
),

judged as (
    select
        valued.*,
        valued.sign * (valued.value - valued.target_value) >= 0 as is_met,
        -- from a start that meets the target already there is no way to go
        case
            when valued.sign * (valued.target_value - valued.starting_value) > 0
                then
                    (valued.value - valued.starting_value)
                    / (valued.target_value - valued.starting_value)
        end as progress,
        case
            when valued.value is not null
                then
                    least(1, greatest(
                        0, (valued.as_of_on - valued.baseline_on)::double precision
                        / (valued.due_on - valued.baseline_on)
                    ))
        end as expected_progress
    from valued
),

foreseen as (
    select
        judged.*,
        forecasts.n_points,
        case
            when judged.value is null then 'no_value'
            when judged.is_due then 'due'
            when forecasts.forecast is null then 'too_few_months'
        end as forecast_missing_reason,
        forecasts.forecast,
        forecasts.forecast_lower,
        forecasts.forecast_upper
    from judged
    left join {{ ref('fct_target_forecast') }} as forecasts
        on judged.target_id = forecasts.target_id
)

select
    target_id,
    organisation_id,
    metric_id,
    platform,
    segment,
    kind,
    direction,
    denominator,
    unit,
    target_value,
    baseline_on,
    starting_value as baseline_value,
    due_on,
    as_of_on,
    figure,
    baseline_figure,
    value,
    n_months,
    n_cases,
    figure_status,
    progress,
    expected_progress,
    case
        when value is null then 'no_value'
        when is_met then 'reached'
        when is_due then 'missed'
        -- without a start nobody can say how far along it should be
        when starting_value is null then 'not_judged'
        when progress >= expected_progress then 'on_track'
        else 'behind'
    end as status,
    case when value is null then missing_reason end as missing_reason,
    case
        when value is null or progress is not null then null
        when starting_value is null then 'baseline_not_observed'
        else 'baseline_meets_target'
    end as progress_missing_reason,
    case when forecast_missing_reason is null then forecast end as forecast,
    case when forecast_missing_reason is null and not is_windowed then forecast_lower end
        as forecast_lower,
    case when forecast_missing_reason is null and not is_windowed then forecast_upper end
        as forecast_upper,
    n_points as forecast_points,
    forecast_missing_reason,
    -- neighbouring points share months, so that their differences tell less than they seem to
    case
        when forecast_missing_reason is null and is_windowed then 'overlapping_windows'
    end as interval_missing_reason,
    coalesce(is_synthetic, false) as is_synthetic
from foreseen
