-- Inside a type, from its largest size class down: classes are taken together until five of them
-- answered; what is left at the bottom joins the cell above it.
with recursive strata as (
    select
        survey_id,
        type_group_id,
        size_class,
        least_inhabitants,
        count(*)::integer as bodies,
        (count(*) filter (where is_respondent))::integer as respondents,
        row_number() over (
            partition by survey_id, type_group_id order by least_inhabitants desc
        ) as place
    from {{ ref('int_survey_population') }}
    group by survey_id, type_group_id, size_class, least_inhabitants
),

walk as (
    select
        strata.*,
        1 as cell,
        strata.respondents as gathered
    from strata
    where strata.place = 1
    union all
    select
        strata.*,
        case
            when walk.gathered < {{ var("minimum_group_size") }} then walk.cell else walk.cell + 1
        end as cell,
        case
            when walk.gathered < {{ var("minimum_group_size") }}
                then walk.gathered + strata.respondents
            else strata.respondents
        end as gathered
    from walk
    inner join strata
        on
            walk.survey_id = strata.survey_id
            and walk.type_group_id = strata.type_group_id
            and walk.place + 1 = strata.place
),

walked as (
    select
        *,
        sum(respondents) over (
            partition by survey_id, type_group_id, cell
        ) < {{ var("minimum_group_size") }} as is_left_over
    from walk
),

closed as (
    select
        survey_id,
        type_group_id,
        size_class,
        least_inhabitants,
        bodies,
        respondents,
        case when is_left_over then greatest(1, cell - 1) else cell end as cell
    from walked
)

select
    survey_id,
    type_group_id,
    size_class,
    type_group_id || '/size-' || string_agg(size_class, '+') over (
        partition by survey_id, type_group_id, cell
        order by least_inhabitants rows between unbounded preceding and unbounded following
    ) as cell_id,
    (sum(bodies) over (partition by survey_id, type_group_id, cell))::integer as cell_bodies,
    (sum(respondents) over (partition by survey_id, type_group_id, cell))::integer
        as cell_respondents,
    (max(cell) over (partition by survey_id, type_group_id))::integer as type_cells,
    (sum(bodies) over (partition by survey_id, type_group_id))::integer as type_bodies,
    (sum(respondents) over (partition by survey_id, type_group_id))::integer as type_respondents
from closed
