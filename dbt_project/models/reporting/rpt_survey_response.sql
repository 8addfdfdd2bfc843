with invented as (
    {{ invented() }}
)

select
    responses.survey_id,
    surveys.title as survey_title,
    surveys.survey_year,
    responses.group_kind,
    responses.group_id,
    groups.population_nl,
    groups.population_en,
    responses.metric_id,
    responses.basis,
    responses.addressed,
    responses.responses,
    responses.response_rate,
    responses.bodies,
    responses.respondents,
    responses.population_share,
    responses.is_represented,
    definitions.definition_version,
    invented.is_synthetic
from {{ ref('fct_survey_response') }} as responses
inner join {{ ref('stg_surveys__surveys') }} as surveys
    on responses.survey_id = surveys.survey_id
left join {{ ref('int_survey_groups') }} as groups
    on responses.survey_id = groups.survey_id and responses.group_id = groups.group_id
left join {{ ref('dim_definition') }} as definitions
    on responses.metric_id = definitions.metric_id and definitions.definition_id = 'klankbord'
cross join invented
