with counted as (
    select
        members.group_id,
        maturities.period_start,
        count(*)::integer as n_members,
        count(maturities.phase)::integer as n,
        bool_and(maturities.status = 'final') as is_final,
        bool_or(maturities.is_synthetic) as is_synthetic,
        min(maturities.definition_version) as definition_version,
        array_agg(maturities.phase) as phases
    from {{ ref('fct_maturity') }} as maturities
    inner join {{ ref('dim_group_member') }} as members
        on
            maturities.organisation_id = members.organisation_id
            and maturities.as_of_on = members.as_of_on
    group by members.group_id, maturities.period_start
),

shares as (
    select
        counted.*,
        terms.term::integer as phase,
        terms.name_nl as phase_nl,
        terms.name_en as phase_en,
        counted.n >= {{ var("minimum_group_size") }} as is_shown,
        cardinality(array_positions(counted.phases, terms.term::integer)) as n_phase
    from counted
    inner join {{ ref('policy_terms') }} as terms
        on terms.term_kind = 'maturity_phase' and terms.term <> 'unknown'
),

valued as (
    select
        *,
        case when is_shown then n_phase::double precision / n end as share
    from shares
)

select
    valued.group_id,
    groups.group_kind,
    groups.name_nl as group_name_nl,
    groups.name_en as group_name_en,
    groups.country,
    groups.organisation_type,
    'M47' as metric_id,
    valued.period_start,
    valued.phase,
    valued.phase_nl,
    valued.phase_en,
    valued.share,
    {{ wilson('valued.share', 'valued.n', 'lower') }} as lower,
    {{ wilson('valued.share', 'valued.n', 'upper') }} as upper,
    case when valued.is_shown then valued.n_phase end as n_phase,
    valued.n,
    valued.n_members,
    case when not valued.is_shown then 'suppressed' end as missing_reason,
    case when valued.is_final then 'final' else 'provisional' end as status,
    metrics.tier as access_tier,
    valued.definition_version,
    valued.is_synthetic
from valued
inner join {{ ref('dim_peer_group') }} as groups on valued.group_id = groups.group_id
left join {{ ref('dim_metric') }} as metrics on metrics.metric_id = 'M47'
