{%- set keys = [
    'group_id', 'organisation_id', 'platform', 'period_kind', 'period_start', 'clock',
    'questions', 'organisations', 'variance_factor'
] %}
with carried as (
    {{ carried_by('M26', 'platform') }}
),

steps as (
    select
        steps.group_id,
        steps.organisation_id,
        steps.platform,
        steps.period_kind,
        steps.period_start,
        steps.clock,
        steps.questions,
        steps.organisations,
        -- one body's questions are taken to be independent of each other
        case
            when steps.organisation_id is not null then 1
            else {{ curve_factor('effects.design_effect', 'effects.organisations') }}
        end as variance_factor,
        steps.hours,
        steps.events,
        steps.censored
    from {{ ref('fct_response_step') }} as steps
    left join {{ ref('fct_response_effect') }} as effects
        on
            steps.group_id = effects.group_id
            and steps.platform = effects.platform
            and steps.period_kind = effects.period_kind
            and steps.period_start = effects.period_start
            and steps.clock = effects.clock
            and steps.organisation_id is null
    where {{ open('platform', 'steps.period_start', 'steps') }}
),

curves as (
    select distinct {{ keys | join(", ") }}
    from steps
),

-- and the hours at which it is drawn
asked as (
    select
        {{ keys | join(", ") }},
        hours,
        sum(events) as events,
        sum(censored) as censored
    from (
        select * from steps
        union all
        select
            curves.*,
            drawn.hours,
            0 as events,
            0 as censored
        from curves
        cross join unnest(array{{ var("curve_hours") }}::double precision[]) as drawn (hours)
    ) as both_kinds
    group by {{ keys | join(", ") }}, hours
),

curve as (
    {{ kaplan_meier('asked', keys, variance_factor='variance_factor') }}
),

halved as (
    select
        *,
        {{ half_time('survival') }} over whole_curve as median_hours,
        {{ half_time('survival_lower') }} over whole_curve as median_lower_hours,
        {{ half_time('survival_upper') }} over whole_curve as median_upper_hours
    from curve
    window whole_curve as (partition by {{ keys | join(", ") }})
)

select
    halved.group_id,
    halved.organisation_id,
    definitions.metric_id,
    halved.platform,
    halved.period_kind,
    halved.period_start,
    {{ period_name('halved') }} as period,
    halved.clock,
    halved.hours,
    1 - halved.survival as share,
    1 - halved.survival_upper as lower,
    1 - halved.survival_lower as upper,
    halved.at_risk::integer as at_risk,
    halved.questions::integer as questions,
    halved.organisations::integer as organisations,
    halved.median_hours,
    halved.median_lower_hours,
    halved.median_upper_hours,
    carried.n,
    carried.n_members,
    carried.coverage,
    carried.access_tier,
    carried.status,
    definitions.definition_id,
    definitions.definition_version,
    carried.is_synthetic
from halved
inner join {{ ref('dim_definition') }} as definitions
    on
        case halved.clock when 'calendar' then 'M29k' else 'M33k' end = definitions.metric_id
        and definitions.definition_id = 'klankbord'
left join carried
    on
        carried.subject_id = coalesce(halved.organisation_id, halved.group_id)
        and halved.platform = carried.platform
        and halved.period_kind = carried.period_kind
        and halved.period_start = carried.period_start
-- beyond the last question that anybody followed nothing is known
where
    halved.hours = any(array{{ var("curve_hours") }}::double precision[])
    and (halved.at_risk > 0 or halved.survival = 0)
