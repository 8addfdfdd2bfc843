{{ config(materialized='growing', meta={'open': {'kind': 'any', 'date': 'period_start'}}) }}
-- Of each component the mean of its places over platforms, and the place of that mean: a mean of many
-- places lies nearer to the middle than one, and would weigh less than its weight.
{%- set peers = "partition by bodies.group_id, bodies.period_start, weights.component" %}
with averaged as (
    select
        parts.organisation_id,
        parts.period_start,
        parts.component,
        round(avg(parts.percentile order by parts.platform, parts.metric_id)::numeric, 9) as mean_percentile,
        count(distinct parts.platform) filter (where parts.percentile is not null) as n_platforms,
        string_agg(distinct parts.platform, ', ') filter (where parts.percentile is not null)
            as platforms,
        (array_agg(parts.missing_reason order by reasons.reason_order))[1] as missing_reason,
        bool_or(parts.status = 'provisional') filter (where parts.percentile is not null)
            as is_provisional
    from {{ ref('fct_index_part') }} as parts
    left join {{ ref('index_reasons') }} as reasons on parts.missing_reason = reasons.reason_code
    where {{ open('any', 'parts.period_start') }}
    group by parts.organisation_id, parts.period_start, parts.component
),

ranked as (
    select
        bodies.organisation_id,
        bodies.period_start,
        bodies.group_id,
        weights.component,
        weights.component_order,
        weights.weight,
        averaged.mean_percentile,
        averaged.n_platforms,
        averaged.platforms,
        coalesce(averaged.missing_reason, 'no_account') as missing_reason,
        averaged.is_provisional,
        count(averaged.mean_percentile) over ({{ peers }}) as n_peers,
        rank() over ({{ peers }} order by averaged.mean_percentile) - 1 as peers_below,
        count(*) over ({{ peers }}, averaged.mean_percentile) as peers_equal
    from {{ ref('int_index_bodies') }} as bodies
    cross join {{ ref('index_weights') }} as weights
    left join averaged
        on
            bodies.organisation_id = averaged.organisation_id
            and bodies.period_start = averaged.period_start
            and weights.component = averaged.component
    where bodies.is_peer and {{ open('any', 'bodies.period_start') }}
),

scored as (
    select
        *,
        case
            when mean_percentile is not null and n_peers >= {{ var("minimum_group_size") }}
                then 100 * (peers_below + peers_equal / 2.0)::double precision / n_peers
        end as score
    from ranked
),

counted as (
    select
        *,
        count(score) over (partition by organisation_id, period_start) as n_components,
        -- in one order: the last digit of a sum depends on it
        sum(weight) filter (where score is not null) over (
            partition by organisation_id, period_start order by component_order
            rows between unbounded preceding and unbounded following
        ) as known_weight
    from scored
)

select
    organisation_id,
    period_start,
    component,
    component_order,
    group_id,
    mean_percentile::double precision as mean_percentile,
    score,
    -- what is missing leaves its weight to the others
    case
        when score is not null and n_components >= {{ var("index_minimum_components") }}
            then weight / known_weight
    end as weight,
    n_peers::integer as n_peers,
    greatest(0, n_platforms)::integer as n_platforms,
    platforms,
    case
        when score is not null then null
        when mean_percentile is not null then 'too_few_peers'
        else missing_reason
    end as missing_reason,
    coalesce(is_provisional, false) as is_provisional
from counted
