{{ config(materialized='ephemeral', contract={'enforced': false}) }}
with visits as (
    select
        organisation_id,
        'all' as network,
        visited_on,
        social_visits as visits
    from {{ ref('fct_web_day') }}
    union all
    select
        organisation_id,
        network,
        visited_on,
        visits
    from {{ ref('fct_web_visits') }}
)

select
    visits.organisation_id,
    visits.network,
    visits.visited_on,
    visits.visited_on as day_on,
    visits.visits,
    case when pairs.visited_on is not null then visits.visits end as visits_compared,
    null::bigint as visits_before
from visits
left join {{ ref('fct_web_day_pair') }} as pairs
    on
        visits.organisation_id = pairs.organisation_id
        and visits.visited_on = pairs.visited_on
union all
select
    visits.organisation_id,
    visits.network,
    visits.visited_on,
    pairs.visited_on as day_on,
    null as visits,
    null as visits_compared,
    visits.visits as visits_before
from visits
inner join {{ ref('fct_web_day_pair') }} as pairs
    on
        visits.organisation_id = pairs.organisation_id
        and visits.visited_on = pairs.before_on
