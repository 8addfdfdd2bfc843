-- What organisations said of themselves, never beside what was counted of all of them: M50 has no
-- row in fct_metric, and no other metric has one here.
with answers as (
    select
        choices.*,
        weights.type_group_id,
        weights.cell_id,
        weights.type_cells,
        weights.type_bodies,
        weights.cell_bodies,
        weights.weight,
        count(*) over (
            partition by
                choices.survey_id, choices.question_code, choices.subquestion_code,
                choices.answer_code, weights.type_group_id
        ) as type_answers,
        count(*) over (
            partition by
                choices.survey_id, choices.question_code, choices.subquestion_code,
                choices.answer_code, weights.cell_id
        ) as cell_answers
    from {{ ref('int_survey_choices') }} as choices
    inner join {{ ref('int_survey_weights') }} as weights
        on
            choices.survey_id = weights.survey_id
            and choices.organisation_id = weights.organisation_id
),

judged as (
    select
        *,
        min(cell_answers) over (
            partition by
                survey_id, question_code, subquestion_code, answer_code, type_group_id
        ) as least_cell_answers
    from answers
),

-- No hidden share follows from a total: a type with fewer than five answers is not in the whole,
-- and of a type all cells are shown or none is.
placed as (
    select
        judged.*,
        grouped.group_kind,
        grouped.group_id,
        grouped.answers >= {{ var("minimum_group_size") }} as is_shown,
        grouped.bodies::double precision
        / case grouped.group_kind when 'cell' then judged.cell_answers else judged.type_answers end
            as bodies_each
    from judged
    cross join
        lateral (
            values
            ('survey', 'all', judged.type_answers, judged.type_bodies),
            ('type', judged.type_group_id, judged.type_answers, judged.type_bodies),
            ('cell', judged.cell_id, judged.least_cell_answers, judged.cell_bodies)
        ) as grouped (group_kind, group_id, answers, bodies)
    where grouped.group_kind <> 'cell' or judged.type_cells > 1
),

summed as (
    select
        survey_id,
        question_code,
        subquestion_code,
        answer_code,
        group_kind,
        group_id,
        -- a group is shown whole or not at all, but for the survey, which holds what is shown
        case
            when group_kind = 'survey' then count(*) filter (where is_shown) else count(*)
        end as n,
        -- each answer stands for as many bodies: their sum is a count again
        round(sum(bodies_each) filter (where is_shown or group_kind <> 'survey')) as n_population,
        sum(weight order by organisation_id) filter (where is_shown) as weights,
        sum(weight * weight order by organisation_id) filter (where is_shown) as squares,
        sum(case when is_chosen then weight else 0 end order by organisation_id)
        filter (where is_shown) as chosen_weights,
        count(*) filter (where is_shown and is_chosen) as chosen
    from placed
    group by survey_id, question_code, subquestion_code, answer_code, group_kind, group_id
),

shares as (
    select
        *,
        chosen_weights / weights as share,
        -- Kish: so many answers of one weight would tell as much
        weights * weights / squares as n_effective
    from summed
)

select
    survey_id,
    question_code,
    subquestion_code,
    answer_code,
    group_kind,
    group_id,
    'M50' as metric_id,
    'survey' as basis,
    share,
    {{ wilson('share', 'n_effective', 'lower') }} as lower,
    {{ wilson('share', 'n_effective', 'upper') }} as upper,
    case when share is not null then chosen::double precision / n end as unweighted_share,
    n::integer as n,
    n_population::integer as n_population,
    n_effective,
    n / n_effective as design_effect,
    case when share is null then 'suppressed' end as missing_reason,
    jsonb_build_object(
        'weights', 'organisation type x size class, on 1 January of the survey''s year',
        'least_answers_of_a_cell', {{ var("minimum_group_size") }},
        'interval', 'Wilson 95 % on Kish''s effective number',
        'finite_population_correction', false
    ) as parameters
from shares
