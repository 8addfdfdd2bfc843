-- The visits behind fct_web_day.social_visits, by network.
select
    visits.organisation_id,
    visits.visited_on,
    visits.network,
    sum(visits.visits)::bigint as visits
from {{ ref('stg_web__visits') }} as visits
inner join {{ ref('fct_web_day') }} as days
    on
        visits.organisation_id = days.organisation_id
        and visits.visited_on = days.visited_on
        and visits.reading_source = days.reading_source
group by visits.organisation_id, visits.visited_on, visits.network
