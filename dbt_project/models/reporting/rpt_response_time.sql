-- A group in which too few organisations had a closed question has no row.
with shown as (
    {{ shown_groups('M26') }}
),

carried as (
    {{ carried_by('M26', 'platform') }}
),

counted as (
    select
        dim_organisation.size_group_id as group_id,
        bands.organisation_id,
        bands.platform,
        bands.period_kind,
        bands.period_start,
        bands.clock,
        bands.band,
        bands.band_order,
        bands.questions,
        1 as bodies,
        null as part_squares,
        null as part_by_whole,
        null as whole_squares
    from {{ ref('fct_response_band') }} as bands
    inner join {{ ref('dim_organisation') }} as dim_organisation
        on
            bands.organisation_id = dim_organisation.organisation_id
            and bands.last_on = dim_organisation.as_of_on
    where {{ open('platform', 'bands.period_start', 'bands') }}
    union all
    select
        members.group_id,
        null as organisation_id,
        bands.platform,
        bands.period_kind,
        bands.period_start,
        bands.clock,
        bands.band,
        bands.band_order,
        sum(bands.questions) as questions,
        {{ body_sums('bands.questions', 'bands.closed_questions') }}
    from {{ ref('fct_response_band') }} as bands
    inner join {{ ref('dim_group_member') }} as members
        on bands.organisation_id = members.organisation_id and bands.last_on = members.as_of_on
    -- bands tell as much as the response rate: they are shown where it is
    inner join shown
        on
            members.group_id = shown.group_id
            and bands.platform = shown.platform
            and bands.period_kind = shown.period_kind
            and bands.period_start = shown.period_start
    where {{ open('platform', 'bands.period_start', 'bands') }}
    group by
        members.group_id, bands.platform, bands.period_kind, bands.period_start, bands.clock,
        bands.band, bands.band_order
    having count(*) >= {{ var("minimum_group_size") }}
),

whole as (
    select
        *,
        questions::double precision / sum(questions) over all_bands as share,
        (sum(questions) over all_bands)::double precision as closed_questions
    from counted
    window all_bands as (
        partition by group_id, organisation_id, platform, period_kind, period_start, clock
    )
),

spread as (
    select
        *,
        {{ design_effect('share', 'closed_questions') }} as design_effect
    from whole
),

-- of a band with no question, or with all, nothing is known: it is as uncertain as the worst of the others
weighed as (
    select
        *,
        case
            when organisation_id is not null then closed_questions
            else {{ effective_cases(
                'closed_questions', 'coalesce(design_effect, max(design_effect) over all_bands)', 'bodies'
            ) }}
        end as effective_questions
    from spread
    window all_bands as (
        partition by group_id, organisation_id, platform, period_kind, period_start, clock
    )
)

select
    weighed.group_id,
    weighed.organisation_id,
    definitions.metric_id,
    weighed.platform,
    weighed.period_kind,
    weighed.period_start,
    {{ period_name('weighed') }} as period,
    weighed.clock,
    weighed.band,
    weighed.band_order,
    weighed.questions::integer as questions,
    weighed.share,
    {{ wilson('weighed.share', 'weighed.effective_questions', 'lower') }} as lower,
    {{ wilson('weighed.share', 'weighed.effective_questions', 'upper') }} as upper,
    carried.n,
    carried.n_members,
    carried.coverage,
    carried.access_tier,
    carried.status,
    definitions.definition_id,
    definitions.definition_version,
    carried.is_synthetic
from weighed
inner join {{ ref('dim_definition') }} as definitions
    on definitions.metric_id = 'M32' and definitions.definition_id = 'klankbord'
-- the response rate is of the same closed questions
left join carried
    on
        carried.subject_id = coalesce(weighed.organisation_id, weighed.group_id)
        and weighed.platform = carried.platform
        and weighed.period_kind = carried.period_kind
        and weighed.period_start = carried.period_start
