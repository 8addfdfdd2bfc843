select
    bodies.survey_id,
    bodies.organisation_id,
    bodies.country,
    bodies.organisation_type,
    bodies.type_group_id,
    bodies.size_class,
    cells.cell_id,
    cells.type_cells,
    cells.type_bodies,
    cells.cell_bodies,
    cells.cell_bodies::double precision / cells.cell_respondents as weight
from {{ ref('int_survey_population') }} as bodies
inner join {{ ref('int_survey_cells') }} as cells
    on
        bodies.survey_id = cells.survey_id
        and bodies.type_group_id = cells.type_group_id
        and bodies.size_class = cells.size_class
where bodies.is_respondent
