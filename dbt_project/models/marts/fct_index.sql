-- M46 with its band: the highest and the lowest rank under any of the weightings. There is no rank of
-- its own here, and there shall be none.
with banded as (
    select
        organisation_id,
        period_start,
        max(value) filter (where weighting_id = 'published') as value,
        max(n) filter (where weighting_id = 'published') as n,
        min(rank_best) as rank_best,
        max(rank_worst) as rank_worst,
        count(*) as n_weightings
    from {{ ref('fct_index_weighting') }}
    group by organisation_id, period_start
),

components as (
    select
        organisation_id,
        period_start,
        count(score) as n_components,
        bool_or(is_provisional) as is_provisional
    from {{ ref('fct_index_component') }}
    group by organisation_id, period_start
),

placed as (
    select
        bodies.*,
        banded.value,
        banded.rank_best,
        banded.rank_worst,
        banded.n_weightings,
        components.n_components,
        not bodies.is_over or coalesce(components.is_provisional, false) as is_provisional,
        -- of a group in which nobody has an index: a count of none
        greatest(0, max(banded.n) over (partition by bodies.group_id, bodies.period_start))
            as n,
        count(*) over (partition by bodies.group_id, bodies.period_start) as n_members
    from {{ ref('int_index_bodies') }} as bodies
    left join components
        on
            bodies.organisation_id = components.organisation_id
            and bodies.period_start = components.period_start
    left join banded
        on
            bodies.organisation_id = banded.organisation_id
            and bodies.period_start = banded.period_start
),

judged as (
    select
        *,
        value is not null and n >= {{ var("minimum_quartile_size") }} as is_shown
    from placed
)

select
    organisation_id,
    period_start,
    group_id,
    as_of_on,
    case when is_shown then value end as value,
    case when is_shown then rank_best end as rank_best,
    case when is_shown then rank_worst end as rank_worst,
    case when is_shown then n_weightings end::integer as n_weightings,
    n::integer as n,
    n_members::integer as n_members,
    greatest(0, n_components)::integer as n_components,
    case
        when is_shown then null
        when not has_account then 'no_account'
        when not is_peer then 'below_tier'
        when value is null then 'too_few_components'
        else 'too_few_peers'
    end as missing_reason,
    case when is_provisional then 'provisional' else 'final' end as status,
    is_synthetic
from judged
