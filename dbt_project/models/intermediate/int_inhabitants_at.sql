{{ config(
    materialized='growing',
    meta={'open': {'kind': 'date', 'date': 'as_of_on'}}
) }}
with days as (
    select distinct last_on as as_of_on from {{ ref('int_platform_periods') }}
    where {{ open('date', 'last_on') }}
),

counted as (
    select distinct on (populations.organisation_id, days.as_of_on)
        populations.organisation_id,
        days.as_of_on,
        populations.inhabitants
    from {{ ref('stg_register__populations') }} as populations
    inner join days on populations.reference_on <= days.as_of_on
    order by populations.organisation_id, days.as_of_on, populations.reference_on desc
),

-- one member without a count makes the sum unknown, not smaller
summed as (
    select
        memberships.organisation_id,
        days.as_of_on,
        case
            when count(*) = count(counted.inhabitants) then sum(counted.inhabitants)
        end as inhabitants
    from {{ ref('stg_register__memberships') }} as memberships
    inner join days on {{ valid_on('memberships', 'days.as_of_on') }}
    left join counted
        on memberships.member_id = counted.organisation_id and days.as_of_on = counted.as_of_on
    group by memberships.organisation_id, days.as_of_on
)

select
    organisation_id,
    as_of_on,
    inhabitants::bigint as inhabitants
from summed
union all
select
    counted.organisation_id,
    counted.as_of_on,
    counted.inhabitants::bigint as inhabitants
from counted
left join summed
    on counted.organisation_id = summed.organisation_id and counted.as_of_on = summed.as_of_on
where summed.organisation_id is null
