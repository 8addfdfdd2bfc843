-- Whom a survey speaks for, in words: these are no peer groups of the census.
with strata as (
    select distinct
        cells.survey_id,
        cells.type_group_id,
        cells.cell_id,
        cells.type_cells,
        bodies.country,
        bodies.organisation_type,
        bodies.size_class,
        bodies.least_inhabitants
    from {{ ref('int_survey_cells') }} as cells
    inner join {{ ref('int_survey_population') }} as bodies
        on
            cells.survey_id = bodies.survey_id
            and cells.type_group_id = bodies.type_group_id
            and cells.size_class = bodies.size_class
),

named as (
    select
        strata.*,
        countries.adjective_nl || ' ' || types.name_plural_nl as type_nl,
        countries.adjective_en || ' ' || types.name_plural_en as type_en,
        coalesce(classes.name_nl, 'zonder inwonertal') as class_nl,
        coalesce(classes.name_en, 'without a number of inhabitants') as class_en
    from strata
    inner join {{ ref('countries') }} as countries on strata.country = countries.country
    inner join {{ ref('organisation_types') }} as types
        on strata.organisation_type = types.organisation_type
    left join {{ ref('size_classes') }} as classes
        on
            strata.country = classes.country
            and strata.size_class = classes.size_class
            and classes.scheme in ('flemish-2016', 'dutch-2016')
),

groups as (
    select
        survey_id,
        'all' as group_id,
        'alle organisaties van de soorten waarvan er genoeg antwoordden' as whom_nl,
        'all organisations of the types of which enough answered' as whom_en
    from named
    group by survey_id
    union all
    select
        survey_id,
        type_group_id as group_id,
        min(type_nl) as whom_nl,
        min(type_en) as whom_en
    from named
    group by survey_id, type_group_id
    union all
    select
        survey_id,
        cell_id as group_id,
        min(type_nl) || ' ' || string_agg(class_nl, ' of ' order by least_inhabitants) as whom_nl,
        min(type_en) || ' ' || string_agg(class_en, ' or ' order by least_inhabitants) as whom_en
    from named
    where type_cells > 1
    group by survey_id, cell_id
)

select
    groups.survey_id,
    groups.group_id,
    groups.whom_nl || ' op 1 januari ' || surveys.survey_year || ', geschat uit een enquête'
        as population_nl,
    groups.whom_en || ' on 1 January ' || surveys.survey_year || ', estimated from a survey'
        as population_en
from groups
inner join {{ ref('stg_surveys__surveys') }} as surveys on groups.survey_id = surveys.survey_id
