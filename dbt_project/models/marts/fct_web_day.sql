-- A file repeats what Matomo counts, under a name that nothing can be joined by: of a body's day
-- Matomo's reading stands alone where there is one.
with days as (
    select
        *,
        bool_or(reading_source = 'matomo') over (partition by organisation_id, visited_on)
        = (reading_source = 'matomo') as is_chosen
    from {{ ref('stg_web__days') }}
),

social as (
    select
        organisation_id,
        reading_source,
        site,
        visited_on,
        sum(visits) as visits
    from {{ ref('stg_web__visits') }}
    group by organisation_id, reading_source, site, visited_on
)

select
    days.organisation_id,
    days.visited_on,
    days.reading_source,
    count(*)::integer as sites,
    -- unknown for the body when it is unknown for one of its sites
    (case when count(days.visits) = count(*) then sum(days.visits) end)::bigint as visits,
    -- a day that was read and has no row here had none
    (case when count(social.visits) = 0 then 0 else sum(social.visits) end)::bigint as social_visits,
    bool_and(days.is_final) as is_final
from days
left join social
    on
        days.organisation_id = social.organisation_id
        and days.reading_source = social.reading_source
        and days.site = social.site
        and days.visited_on = social.visited_on
where days.is_chosen
group by days.organisation_id, days.visited_on, days.reading_source
