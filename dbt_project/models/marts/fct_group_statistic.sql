-- What the house knows of its groups, the small ones too: never published as it stands (fct_group_metric).
-- Percentiles come from one row an organisation and period, never from posts or questions.
with sizes as (
    select
        group_id,
        as_of_on,
        count(*)::integer as n_members
    from {{ ref('dim_group_member') }}
    group by group_id, as_of_on
),

measured as (
    select
        members.group_id,
        figures.platform,
        figures.metric_id,
        figures.definition_id,
        figures.period_kind,
        figures.period_start,
        count(figures.value)::integer as n,
        -- in one order: the last digit of a sum depends on it, and a rebuild changes no figure
        avg(figures.value order by figures.organisation_id) as mean,
        percentile_cont(array[0.25, 0.5, 0.75]) within group (order by figures.value) as quartiles,
        sum(figures.numerator order by figures.organisation_id)
        filter (where figures.value is not null) as numerator,
        sum(figures.denominator order by figures.organisation_id)
        filter (where figures.value is not null) as denominator,
        avg(figures.coverage order by figures.organisation_id) as coverage,
        bool_or(figures.is_synthetic) as is_synthetic
    from {{ ref('fct_member_figure') }} as figures
    inner join {{ ref('dim_group_member') }} as members
        on
            figures.organisation_id = members.organisation_id
            and figures.as_of_on = members.as_of_on
    group by
        members.group_id, figures.platform, figures.metric_id, figures.definition_id,
        figures.period_kind, figures.period_start
),

-- a group in which nobody has the figure is a row too
framed as (
    select
        sizes.group_id,
        periods.platform,
        periods.metric_id,
        definitions.definition_id,
        periods.period_kind,
        periods.period_start,
        periods.status,
        metrics.headline,
        sizes.n_members,
        -- no row of any member: a count of none
        greatest(0, measured.n) as n,
        measured.coverage,
        coalesce(measured.is_synthetic, periods.has_synthetic_accounts) as is_synthetic,
        measured.mean,
        measured.quartiles,
        metrics.scale * measured.numerator / nullif(measured.denominator, 0) as pooled
    from {{ ref('int_metric_periods') }} as periods
    inner join sizes on periods.last_on = sizes.as_of_on
    inner join {{ ref('dim_metric') }} as metrics on periods.metric_id = metrics.metric_id
    inner join {{ ref('dim_definition') }} as definitions
        on periods.metric_id = definitions.metric_id
    left join measured
        on
            sizes.group_id = measured.group_id
            and periods.platform = measured.platform
            and metrics.base_metric_id = measured.metric_id
            and definitions.definition_id = measured.definition_id
            and periods.period_kind = measured.period_kind
            and periods.period_start = measured.period_start
)

select
    group_id,
    platform,
    metric_id,
    definition_id,
    period_kind,
    period_start,
    headline,
    n,
    n_members,
    coverage,
    mean,
    quartiles[2] as median,
    quartiles[1] as q1,
    quartiles[3] as q3,
    pooled,
    status,
    is_synthetic
from framed
