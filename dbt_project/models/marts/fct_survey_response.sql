with types as (
    select distinct on (organisation_id)
        organisation_id,
        country,
        organisation_type
    from {{ ref('stg_register__organisations') }}
    order by organisation_id, valid_from desc nulls last
),

answered as (
    select
        responses.survey_id,
        responses.organisation_id,
        types.country,
        types.organisation_type
    from {{ ref('stg_surveys__responses') }} as responses
    inner join types on responses.organisation_id = types.organisation_id
),

cells as (
    select distinct
        survey_id,
        type_group_id,
        cell_id,
        cell_bodies,
        cell_respondents,
        type_cells,
        type_bodies,
        type_respondents
    from {{ ref('int_survey_cells') }}
),

-- as the survey counts them: also those that the register does not have on the day
asked as (
    select
        addressed.survey_id,
        lower(addressed.country) || '-' || addressed.organisation_type as group_id,
        addressed.addressed,
        count(answered.organisation_id) as responses
    from {{ ref('stg_surveys__addressed') }} as addressed
    left join answered
        on
            addressed.survey_id = answered.survey_id
            and addressed.country = answered.country
            and addressed.organisation_type = answered.organisation_type
    group by
        addressed.survey_id, addressed.country, addressed.organisation_type, addressed.addressed
),

by_type as (
    select distinct
        asked.survey_id,
        asked.group_id,
        asked.addressed,
        asked.responses,
        cells.type_bodies as bodies,
        cells.type_respondents as respondents
    from asked
    left join cells
        on asked.survey_id = cells.survey_id and asked.group_id = cells.type_group_id
),

groups as (
    select
        survey_id,
        'type' as group_kind,
        group_id,
        addressed,
        responses,
        bodies,
        respondents
    from by_type
    union all
    select
        survey_id,
        'survey' as group_kind,
        'all' as group_id,
        sum(addressed) as addressed,
        sum(responses) as responses,
        sum(bodies) as bodies,
        sum(respondents) as respondents
    from by_type
    group by survey_id
    union all
    -- how many of a size class were asked is not known
    select
        survey_id,
        'cell' as group_kind,
        cell_id as group_id,
        null as addressed,
        null as responses,
        cell_bodies as bodies,
        cell_respondents as respondents
    from cells
    where type_cells > 1
)

select
    survey_id,
    group_kind,
    group_id,
    'M50' as metric_id,
    'survey' as basis,
    addressed::integer as addressed,
    responses::integer as responses,
    responses::double precision / addressed as response_rate,
    bodies::integer as bodies,
    respondents::integer as respondents,
    respondents::double precision / nullif(bodies, 0) as population_share,
    respondents >= {{ var("minimum_group_size") }} as is_represented
from groups
