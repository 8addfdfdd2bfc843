-- M39 and M39g of a body's own website: no platform's figure, so no row among those of the platforms.
with organisations as (
    select distinct on (organisation_id)
        organisation_id,
        country,
        organisation_type,
        coalesce(name_nl, name_fr, name_de) as name_nl
    from {{ ref('stg_register__organisations') }}
    order by organisation_id, valid_from desc nulls last
),

figures as (
    select
        facts.*,
        figure.metric_id,
        figure.days,
        figure.numerator,
        figure.denominator,
        figure.value,
        figure.days >= {{ var("web_measured_share") }} * facts.period_days as is_enough
    from {{ ref('fct_web_period') }} as facts
    cross join
        lateral (
            values
            (
                'M39', facts.measured_days, facts.visits::double precision, 1::double precision,
                facts.visits::double precision
            ),
            (
                'M39g', facts.compared_days, facts.visits_compared - facts.visits_before,
                facts.visits_before,
                100::double precision * (facts.visits_compared - facts.visits_before)
                / nullif(facts.visits_before, 0)
            )
        ) as figure (metric_id, days, numerator, denominator, value)
)

select
    figures.organisation_id,
    organisations.name_nl as organisation_name_nl,
    organisations.country,
    organisations.organisation_type,
    figures.metric_id,
    metrics.name_nl as metric_name_nl,
    metrics.name_en as metric_name_en,
    metrics.unit,
    metrics.direction,
    figures.network,
    figures.period_kind,
    figures.period_start,
    {{ period_name('figures') }} as period,
    case when figures.is_enough then figures.value end as value,
    case when figures.is_enough then figures.numerator end as numerator,
    case when figures.is_enough then figures.denominator end as denominator,
    case when figures.is_enough then figures.visits end as n_cases,
    figures.days::double precision / figures.period_days as coverage,
    metrics.tier as access_tier,
    case when figures.is_final then 'final' else 'provisional' end as status,
    case
        when figures.is_enough and figures.value is not null then null
        when figures.is_enough then 'not_applicable'
        when figures.is_refused then 'refused'
        else 'not_observed'
    end as missing_reason,
    definitions.definition_id,
    definitions.definition_version,
    definitions.parameters,
    false as is_synthetic
from figures
inner join organisations on figures.organisation_id = organisations.organisation_id
inner join {{ ref('dim_metric') }} as metrics on figures.metric_id = metrics.metric_id
inner join {{ ref('dim_definition') }} as definitions
    on figures.metric_id = definitions.metric_id and definitions.definition_id = 'klankbord'
