{{ config(
    materialized='growing',
    meta={'open': {'kind': 'block', 'date': 'period_start'}}
) }}
-- Sets overlap each other and the published groups, so that no sum of theirs may be told: whoever knows
-- the whole and all but one knows that one. Told are the median and the quartiles, and mean and pooled
-- ratio of what everybody may count (disclosure_families). A body's own set leaves the body out.
with told as (
    {{ peer_figures() }}
),

sizes as (
    select
        group_id,
        as_of_on,
        count(*)::integer as n_members
    from {{ ref('int_peer_members') }}
    group by group_id, as_of_on
),

measured as (
    select
        told.group_id,
        told.as_of_on,
        told.platform,
        told.metric_id,
        told.period_kind,
        told.period_start,
        bool_and(told.is_public) as is_public,
        count(told.value)::integer as n,
        -- what is not told needs no order, and is rounded so that a rebuild changes no digit
        round(avg(told.coverage)::numeric, 9)::double precision as coverage,
        bool_or(told.is_synthetic) as is_synthetic,
        avg(told.value order by told.organisation_id) filter (where told.is_public) as mean,
        case
            when count(told.value) = count(told.value * counted.inhabitants)
                then
                    sum(told.value * counted.inhabitants order by told.organisation_id)
                    filter (where told.is_public)
                    / nullif(sum(counted.inhabitants) filter (where told.value is not null), 0)
        end as weighted_mean,
        percentile_cont(array[0.1, 0.25, 0.5, 0.75, 0.9]) within group (order by told.value)
            as places,
        array_agg(told.value order by told.value) filter (where told.value is not null) as ordered,
        sum(told.numerator) filter (where told.is_public and told.value is not null)
            as numerator,
        sum(told.denominator) filter (where told.is_public and told.value is not null)
            as denominator
    from told
    left join {{ ref('int_inhabitants_at') }} as counted
        on told.organisation_id = counted.organisation_id and told.as_of_on = counted.as_of_on
    group by
        told.group_id, told.owner_id, told.as_of_on, told.platform, told.metric_id,
        told.period_kind, told.period_start
    -- of a body's own sets silence needs no row
    having told.owner_id is null or count(told.value) >= {{ var("minimum_group_size") }}
),

judged as (
    select
        measured.*,
        metrics.headline,
        metrics.scale * measured.numerator / nullif(measured.denominator, 0) as pooled,
        sizes.n_members,
        measured.n >= {{ var("minimum_group_size") }} as is_shown,
        measured.n >= {{ var("minimum_quartile_size") }} as is_spread_shown,
        {{ has_tails('measured.n') }} as is_tail_shown,
        {{ has_interval('metrics.group_interval_kind', 'measured.n') }} as is_interval_shown,
        {{ group_bound('metrics.group_interval_kind', 'measured', 'lower') }} as lower,
        {{ group_bound('metrics.group_interval_kind', 'measured', 'upper') }} as upper
    from measured
    inner join sizes
        on measured.group_id = sizes.group_id and measured.as_of_on = sizes.as_of_on
    inner join {{ ref('dim_metric') }} as metrics on measured.metric_id = metrics.metric_id
)

select
    judged.group_id,
    judged.platform,
    judged.metric_id,
    judged.period_kind,
    judged.period_start,
    judged.as_of_on,
    case
        when judged.is_shown and judged.headline = 'mean' then judged.mean
        when judged.is_shown then judged.places[3]
    end as value,
    case when judged.is_interval_shown then judged.lower end as lower,
    case when judged.is_interval_shown then judged.upper end as upper,
    case when judged.is_shown then judged.n end as n,
    judged.n_members,
    case when judged.is_shown then judged.coverage end as coverage,
    case when judged.is_shown and judged.is_public then judged.mean end as mean,
    case when judged.is_shown then judged.weighted_mean end as weighted_mean,
    case when judged.is_shown then judged.places[3] end as median,
    case when judged.is_tail_shown then judged.places[1] end as p10,
    case when judged.is_spread_shown then judged.places[2] end as q1,
    case when judged.is_spread_shown then judged.places[4] end as q3,
    case when judged.is_tail_shown then judged.places[5] end as p90,
    case when judged.is_shown and judged.is_public then judged.pooled end as pooled,
    periods.status,
    case when not judged.is_shown then 'suppressed' end as missing_reason,
    judged.is_synthetic
from judged
inner join {{ ref('int_metric_periods') }} as periods
    on
        judged.metric_id = periods.metric_id
        and judged.platform = periods.platform
        and judged.period_kind = periods.period_kind
        and judged.period_start = periods.period_start
