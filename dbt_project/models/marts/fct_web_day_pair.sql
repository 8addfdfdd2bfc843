{{ config(materialized='ephemeral', contract={'enforced': false}) }}
-- 29 February has no day before, and no day after.
select
    days.organisation_id,
    days.visited_on,
    earlier.visited_on as before_on
from {{ ref('fct_web_day') }} as days
inner join {{ ref('fct_web_day') }} as earlier
    on
        days.organisation_id = earlier.organisation_id
        and (days.visited_on - interval '1 year')::date = earlier.visited_on
        and (earlier.visited_on + interval '1 year')::date = days.visited_on
