-- Where a target stands: its last figure up to the due date, or why there is none.
with days as (
    select last_on as as_of_on from {{ ref('int_platform_periods') }}
    union all
    select as_of_on from {{ ref('fct_target_series') }}
),

today as (
    select max(as_of_on) as today_on from days
),

arrived as (
    select distinct metric_id from {{ ref('fct_metric') }}
    union all
    values ('followers'), ('web_visits'), ('first_message')
),

described as (
    select
        targets.*,
        today.today_on,
        coalesce(today.today_on >= targets.due_on, false) as is_due,
        case
            when targets.missing_reason is not null then targets.missing_reason
            when arrived.metric_id is null then 'metric_not_measured'
        end as definition_reason
    from {{ ref('int_target_definitions') }} as targets
    cross join today
    left join arrived on targets.series = arrived.metric_id
),

-- the last figure up to the due date, which must not be older than a month
latest as (
    select distinct on (figures.target_id)
        figures.*,
        figures.as_of_on >= least(described.today_on, described.due_on) - 31 as is_current
    from {{ ref('fct_target_value') }} as figures
    inner join described on figures.target_id = described.target_id
    where figures.as_of_on <= described.due_on
    order by figures.target_id, figures.as_of_on desc
)

select
    described.target_id,
    described.is_due,
    described.is_windowed,
    latest.as_of_on,
    latest.figure,
    latest.baseline_figure,
    latest.n_months,
    latest.n_cases,
    latest.figure_status,
    latest.is_synthetic,
    case when described.definition_reason is null and latest.is_current then latest.value end as value,
    case
        when described.kind = 'growth' then 0
        else coalesce(described.baseline_value, latest.baseline_figure)
    end as starting_value,
    case
        when described.definition_reason is not null then described.definition_reason
        when latest.target_id is null then 'no_figure'
        when not latest.is_current then 'not_observed'
        else latest.missing_reason
    end as missing_reason
from described
left join latest on described.target_id = latest.target_id
