-- A group in which too few organisations had a closed question has no row.
with shown as (
    {{ shown_groups('M26') }}
),

organisations as (
    select
        dim_organisation.organisation_id,
        dim_organisation.size_group_id,
        dim_organisation.as_of_on,
        bands.platform,
        bands.period_kind,
        bands.period_start,
        bands.clock,
        bands.band,
        bands.band_order,
        bands.questions
    from {{ ref('fct_response_band_period') }} as bands
    inner join {{ ref('dim_organisation') }} as dim_organisation
        on
            bands.organisation_id = dim_organisation.organisation_id
            and bands.last_on = dim_organisation.as_of_on
    where {{ open('platform', 'bands.period_start', 'bands') }}
),

counted as (
    select
        size_group_id as group_id,
        organisation_id,
        platform,
        period_kind,
        period_start,
        clock,
        band,
        band_order,
        questions
    from organisations
    union all
    select
        members.group_id,
        null as organisation_id,
        organisations.platform,
        organisations.period_kind,
        organisations.period_start,
        organisations.clock,
        organisations.band,
        organisations.band_order,
        sum(organisations.questions) as questions
    from organisations
    inner join {{ ref('dim_group_member') }} as members
        on
            organisations.organisation_id = members.organisation_id
            and organisations.as_of_on = members.as_of_on
    -- bands tell as much as the response rate: they are shown where it is
    inner join shown
        on
            members.group_id = shown.group_id
            and organisations.platform = shown.platform
            and organisations.period_kind = shown.period_kind
            and organisations.period_start = shown.period_start
    group by
        members.group_id, organisations.platform, organisations.period_kind,
        organisations.period_start, organisations.clock,
        organisations.band, organisations.band_order
    having count(*) >= {{ var("minimum_group_size") }}
),

whole as (
    select
        *,
        sum(questions) over (
            partition by group_id, organisation_id, platform, period_kind, period_start, clock
        )::double precision as closed_questions
    from counted
)

select
    whole.group_id,
    whole.organisation_id,
    whole.platform,
    whole.period_kind,
    whole.period_start,
    {{ period_name('whole') }} as period,
    whole.clock,
    whole.band,
    whole.band_order,
    whole.questions::integer as questions,
    whole.questions::double precision / whole.closed_questions as share,
    {{ share_bound('whole.questions', 'whole.closed_questions', 'lower') }} as lower,
    {{ share_bound('whole.questions', 'whole.closed_questions', 'upper') }} as upper
from whole
