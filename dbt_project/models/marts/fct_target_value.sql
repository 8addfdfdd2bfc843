with targets as (
    select * from {{ ref('int_target_definitions') }}
    where missing_reason is null
),

points as (
    select
        targets.target_id,
        figures.period_start,
        max(figures.as_of_on) as as_of_on
    from targets
    inner join {{ ref('fct_target_series') }} as figures
        on
            targets.organisation_id = figures.organisation_id
            and targets.series = figures.series
            and (targets.platform is null or targets.platform = figures.platform)
    where figures.period_start <= targets.due_on
    group by targets.target_id, figures.period_start
),

-- the months of each point's window
gathered as (
    select
        points.target_id,
        points.period_start,
        points.as_of_on,
        count(*) as months,
        count(figures.value) as known,
        count(distinct figures.period_start) filter (where figures.value is not null) as n_months,
        count(figures.numerator) filter (where figures.value is not null) as ratios,
        sum(figures.value order by figures.platform) as total,
        sum(figures.numerator order by figures.period_start, figures.platform)
        filter (where figures.value is not null) as numerator,
        sum(figures.denominator order by figures.period_start, figures.platform)
        filter (where figures.value is not null) as denominator,
        sum(figures.value * figures.n_cases order by figures.period_start, figures.platform)
            as weighted,
        sum(figures.n_cases) filter (where figures.value is not null) as n_cases,
        (
            array_agg(figures.missing_reason order by figures.period_start desc, figures.platform)
            filter (where figures.missing_reason is not null)
        )[1
        ] as missing_reason,
        bool_and(figures.is_final) as is_final,
        bool_or(figures.is_synthetic) as is_synthetic
    from points
    inner join targets on points.target_id = targets.target_id
    inner join {{ ref('fct_target_series') }} as figures
        on
            targets.organisation_id = figures.organisation_id
            and targets.series = figures.series
            and (targets.platform is null or targets.platform = figures.platform)
            and figures.period_start between
            points.period_start - make_interval(months => targets.window_months - 1)
            and points.period_start
    group by points.target_id, points.period_start, points.as_of_on
),

figured as (
    select
        gathered.*,
        targets.baseline_on,
        targets.kind,
        targets.baseline_value,
        targets.factor * case
            -- a sum over channels is known when every one of them is
            when targets.series in ('followers', 'web_visits', 'first_message')
                then case when gathered.known = gathered.months then gathered.total end
            when gathered.ratios = gathered.known
                then gathered.numerator / nullif(gathered.denominator, 0)
            else gathered.weighted / nullif(gathered.n_cases, 0)
        end as figure
    from gathered
    inner join targets on gathered.target_id = targets.target_id
),

-- what was measured on the baseline date: the last figure before it, a month old at most
measured as (
    select distinct on (target_id)
        target_id,
        figure
    from figured
    where figure is not null and as_of_on between baseline_on - 31 and baseline_on
    order by target_id, as_of_on desc
),

compared as (
    select
        figured.*,
        coalesce(figured.baseline_value, measured.figure) as baseline_figure
    from figured
    left join measured on figured.target_id = measured.target_id
)

select
    target_id,
    period_start,
    as_of_on,
    figure,
    baseline_figure::double precision as baseline_figure,
    case
        when kind <> 'growth' then figure
        else 100 * (figure - baseline_figure) / nullif(baseline_figure, 0)
    end::double precision as value,
    n_months::integer as n_months,
    n_cases::integer as n_cases,
    case
        when figure is null then coalesce(missing_reason, 'not_applicable')
        when kind <> 'growth' or baseline_figure <> 0 then null
        when baseline_figure = 0 then 'baseline_is_zero'
        else 'baseline_not_observed'
    end as missing_reason,
    case when is_final then 'final' else 'provisional' end as figure_status,
    is_synthetic
from compared
