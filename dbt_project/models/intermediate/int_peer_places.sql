-- Where a body's centre is: its own, or the mean of its members' (a zone has no town hall).
with days as (
    select distinct as_of_on from {{ ref('int_peer_days') }}
),

own as (
    select
        days.as_of_on,
        places.organisation_id,
        places.latitude,
        places.longitude
    from days
    inner join {{ ref('stg_register__coordinates') }} as places
        on {{ valid_on('places', 'days.as_of_on') }}
),

middles as (
    select
        days.as_of_on,
        memberships.organisation_id,
        -- in one order: the last digit of a sum depends on it
        avg(own.latitude order by own.organisation_id) as latitude,
        avg(own.longitude order by own.organisation_id) as longitude
    from days
    inner join {{ ref('stg_register__memberships') }} as memberships
        on {{ valid_on('memberships', 'days.as_of_on') }}
    inner join own
        on memberships.member_id = own.organisation_id and days.as_of_on = own.as_of_on
    group by days.as_of_on, memberships.organisation_id
)

select
    organisations.as_of_on,
    organisations.organisation_id,
    organisations.country,
    organisations.organisation_type,
    coalesce(own.latitude, middles.latitude) as latitude,
    coalesce(own.longitude, middles.longitude) as longitude
from {{ ref('int_organisations_at') }} as organisations
inner join days on organisations.as_of_on = days.as_of_on
left join own
    on
        organisations.organisation_id = own.organisation_id
        and organisations.as_of_on = own.as_of_on
left join middles
    on
        organisations.organisation_id = middles.organisation_id
        and organisations.as_of_on = middles.as_of_on
where coalesce(own.latitude, middles.latitude) is not null
