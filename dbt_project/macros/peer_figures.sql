{#- The figures of the members of each peer set (fct_peer_metric): one row a set, member, metric and
    period, under our own definitions. Of a body's own sets those of the latest periods, and where the
    body has the figure itself. -#}
{% macro peer_figures() -%}
    with chosen as (
        select
            figures.*,
            coalesce(families.is_public, false) as is_public
        from {{ ref('fct_member_figure') }} as figures
        inner join {{ ref('dim_metric') }} as metrics on figures.metric_id = metrics.metric_id
        left join {{ ref('disclosure_families') }} as families
            on figures.metric_id = families.metric_id
        where
            figures.definition_id = 'klankbord'
            -- a share of a few bodies is their sum
            and (metrics.headline <> 'mean' or families.is_public)
            and {{ open('block', 'figures.period_start', 'figures') }}
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

    -- By itself: figures have no statistics here, and in one join PostgreSQL once began with every
    -- body beside every other (20 million rows for 1,000 of them), before it asked who is whose peer.
    asked as materialized (
        select
            members.group_id,
            members.as_of_on,
            members.owner_id,
            members.organisation_id,
            ours.platform,
            ours.metric_id,
            ours.period_kind,
            ours.period_start
        from {{ ref('int_peer_members') }} as members
        inner join recent as ours
            on members.owner_id = ours.organisation_id and members.as_of_on = ours.as_of_on
        -- who lies nearest over the border is told (rpt_peer); its figures would be a third copy
        where members.group_kind <> 'neighbours_across'
    )

    select
        members.group_id,
        members.as_of_on,
        members.owner_id,
        chosen.organisation_id,
        chosen.platform,
        chosen.metric_id,
        chosen.period_kind,
        chosen.period_start,
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
        asked.group_id,
        asked.as_of_on,
        asked.owner_id,
        theirs.organisation_id,
        theirs.platform,
        theirs.metric_id,
        theirs.period_kind,
        theirs.period_start,
        theirs.is_public,
        theirs.value,
        theirs.numerator,
        theirs.denominator,
        theirs.coverage,
        theirs.is_synthetic
    from asked
    inner join recent as theirs
        on
            asked.organisation_id = theirs.organisation_id
            and asked.as_of_on = theirs.as_of_on
            and asked.platform = theirs.platform
            and asked.metric_id = theirs.metric_id
            and asked.period_kind = theirs.period_kind
            and asked.period_start = theirs.period_start
{%- endmacro %}
