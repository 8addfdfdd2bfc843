with latest as (
    select max(as_of_on) as as_of_on from {{ ref('int_peer_days') }}
)

select
    facts.organisation_id,
    facts.variable,
    bodies.name_nl as organisation_name_nl,
    bodies.name_en as organisation_name_en,
    facts.country,
    facts.organisation_type,
    facts.weight,
    variables.name_nl as variable_name_nl,
    variables.name_fr as variable_name_fr,
    variables.name_en as variable_name_en,
    variables.name_de as variable_name_de,
    facts.code,
    facts.amount,
    facts.score,
    facts.as_of_on
from {{ ref('int_peer_variables') }} as facts
inner join latest on facts.as_of_on = latest.as_of_on
inner join {{ ref('int_organisations_at') }} as bodies
    on facts.organisation_id = bodies.organisation_id and facts.as_of_on = bodies.as_of_on
inner join {{ ref('peer_variables') }} as variables on facts.variable = variables.variable
