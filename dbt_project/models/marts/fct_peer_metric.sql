-- Sets overlap each other and the published groups, so that no sum of theirs may be told: whoever knows
-- the whole and all but one knows that one. Told are the median and the quartiles, and mean and pooled
-- ratio of what everybody may count (disclosure_families). A body's own set leaves the body out.
with chosen as (
    select
        figures.*,
        metrics.headline,
        metrics.scale,
        coalesce(families.is_public, false) as is_public
    from {{ ref('fct_member_figure') }} as figures
    inner join {{ ref('dim_metric') }} as metrics on figures.metric_id = metrics.metric_id
    left join {{ ref('disclosure_families') }} as families
        on figures.metric_id = families.metric_id
    where
        figures.definition_id = 'klankbord'
        -- a share of a few bodies is their sum
        and (metrics.headline <> 'mean' or families.is_public)
),

recent as (
    select chosen.*
    from chosen
    inner join {{ ref('int_peer_days') }} as days
        on
            chosen.platform = days.platform
            and chosen.period_kind = days.period_kind
            and chosen.period_start = days.period_start
    where chosen.value is not null
),

sizes as (
    select
        group_id,
        as_of_on,
        count(*)::integer as n_members
    from {{ ref('int_peer_members') }}
    group by group_id, as_of_on
),

told as (
    select
        members.group_id,
        members.as_of_on,
        members.owner_id,
        chosen.organisation_id,
        chosen.platform,
        chosen.metric_id,
        chosen.period_kind,
        chosen.period_start,
        chosen.headline,
        chosen.scale,
        chosen.is_public,
        chosen.value,
        chosen.numerator,
        chosen.denominator,
        chosen.coverage,
        chosen.is_synthetic
    from chosen
    inner join {{ ref('int_peer_members') }} as members
        on
            chosen.organisation_id = members.organisation_id
            and chosen.as_of_on = members.as_of_on
    where members.owner_id is null
    union all
    -- what a body sees: peers' figures where it has one itself
    select
        members.group_id,
        members.as_of_on,
        members.owner_id,
        theirs.organisation_id,
        theirs.platform,
        theirs.metric_id,
        theirs.period_kind,
        theirs.period_start,
        theirs.headline,
        theirs.scale,
        theirs.is_public,
        theirs.value,
        theirs.numerator,
        theirs.denominator,
        theirs.coverage,
        theirs.is_synthetic
    from {{ ref('int_peer_members') }} as members
    inner join recent as ours
        on members.owner_id = ours.organisation_id and members.as_of_on = ours.as_of_on
    inner join recent as theirs
        on
            members.organisation_id = theirs.organisation_id
            and members.as_of_on = theirs.as_of_on
            and ours.platform = theirs.platform
            and ours.metric_id = theirs.metric_id
            and ours.period_kind = theirs.period_kind
            and ours.period_start = theirs.period_start
    -- who lies nearest over the border is told (rpt_peer); its figures would be a third copy
    where members.group_kind <> 'neighbours_across'
),

measured as (
    select
        group_id,
        as_of_on,
        platform,
        metric_id,
        period_kind,
        period_start,
        bool_and(is_public) as is_public,
        min(headline) as headline,
        count(value)::integer as n,
        -- what is not told needs no order, and is rounded so that a rebuild changes no digit
        round(avg(coverage)::numeric, 9)::double precision as coverage,
        bool_or(is_synthetic) as is_synthetic,
        avg(value order by organisation_id) filter (where is_public) as mean,
        percentile_cont(array[0.25, 0.5, 0.75]) within group (order by value) as quartiles,
        min(scale) * sum(numerator) filter (where is_public and value is not null)
        / nullif(sum(denominator) filter (where is_public and value is not null), 0)
            as pooled
    from told
    group by group_id, owner_id, as_of_on, platform, metric_id, period_kind, period_start
    -- of a body's own sets silence needs no row
    having owner_id is null or count(value) >= {{ var("minimum_group_size") }}
),

judged as (
    select
        measured.*,
        sizes.n_members,
        measured.n >= {{ var("minimum_group_size") }} as is_shown,
        measured.n >= {{ var("minimum_quartile_size") }} as is_spread_shown
    from measured
    inner join sizes
        on measured.group_id = sizes.group_id and measured.as_of_on = sizes.as_of_on
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
        when judged.is_shown then judged.quartiles[2]
    end as value,
    case when judged.is_shown then judged.n end as n,
    judged.n_members,
    case when judged.is_shown then judged.coverage end as coverage,
    case when judged.is_shown and judged.is_public then judged.mean end as mean,
    case when judged.is_shown then judged.quartiles[2] end as median,
    case when judged.is_spread_shown then judged.quartiles[1] end as q1,
    case when judged.is_spread_shown then judged.quartiles[3] end as q3,
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
