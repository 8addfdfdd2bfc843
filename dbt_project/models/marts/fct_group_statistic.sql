{{ config(
    materialized='growing',
    indexes=[{'columns': ['group_id', 'metric_id', 'period_start', 'platform']}],
    meta={'open': {'kind': 'block', 'date': 'period_start'}}
) }}
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

-- in order, so that PostgreSQL has only the members of one figure to sort by group, not all rows by
-- names
figures as (
    select
        members.*,
        counted.inhabitants
    from {{ ref('fct_member_figure') }} as members
    left join {{ ref('int_inhabitants_at') }} as counted
        on
            members.organisation_id = counted.organisation_id
            and members.as_of_on = counted.as_of_on
    where {{ open('block', 'members.period_start', 'members') }}
    order by
        members.platform, members.metric_id, members.definition_id, members.period_kind,
        members.period_start
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
        percentile_cont(array[0.1, 0.25, 0.5, 0.75, 0.9]) within group (order by figures.value)
            as places,
        array_agg(figures.value order by figures.value) filter (where figures.value is not null)
            as ordered,
        array_agg(figures.organisation_id order by figures.value, figures.organisation_id)
        filter (where figures.value is not null) as bodies,
        sum(figures.numerator order by figures.organisation_id)
        filter (where figures.value is not null) as numerator,
        sum(figures.denominator order by figures.organisation_id)
        filter (where figures.value is not null) as denominator,
        -- one member without a count makes the weights unknown, not smaller
        case
            when count(figures.value) = count(figures.value * figures.inhabitants)
                then
                    sum(figures.value * figures.inhabitants order by figures.organisation_id)
                    / nullif(sum(figures.inhabitants) filter (where figures.value is not null), 0)
        end as weighted_mean,
        avg(figures.coverage order by figures.organisation_id) as coverage,
        bool_or(figures.is_synthetic) as is_synthetic
    from figures
    inner join {{ ref('dim_group_member') }} as members
        on
            figures.organisation_id = members.organisation_id
            and figures.as_of_on = members.as_of_on
    group by
        figures.platform, figures.metric_id, figures.definition_id, figures.period_kind,
        figures.period_start, members.group_id
)

select
    sizes.group_id,
    periods.platform,
    periods.metric_id,
    definitions.definition_id,
    periods.period_kind,
    periods.period_start,
    metrics.headline,
    -- no row of any member, in a group in which nobody has the figure: a count of none
    greatest(0, measured.n) as n,
    sizes.n_members,
    measured.coverage,
    measured.mean,
    measured.weighted_mean,
    measured.places[3] as median,
    measured.places[1] as p10,
    measured.places[2] as q1,
    measured.places[4] as q3,
    measured.places[5] as p90,
    metrics.scale * measured.numerator / nullif(measured.denominator, 0) as pooled,
    {{ group_bound('metrics.group_interval_kind', 'measured', 'lower') }} as lower,
    {{ group_bound('metrics.group_interval_kind', 'measured', 'upper') }} as upper,
    measured.ordered,
    measured.bodies,
    periods.status,
    coalesce(measured.is_synthetic, periods.has_synthetic_accounts) as is_synthetic
from {{ ref('int_metric_periods') }} as periods
inner join sizes on periods.last_on = sizes.as_of_on
inner join {{ ref('dim_metric') }} as metrics on periods.metric_id = metrics.metric_id
inner join {{ ref('dim_definition') }} as definitions on periods.metric_id = definitions.metric_id
left join measured
    on
        sizes.group_id = measured.group_id
        and periods.platform = measured.platform
        and metrics.base_metric_id = measured.metric_id
        and definitions.definition_id = measured.definition_id
        and periods.period_kind = measured.period_kind
        and periods.period_start = measured.period_start
where {{ open('block', 'periods.period_start', 'periods') }}
