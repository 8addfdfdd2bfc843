with days as (
    select distinct make_date(survey_year, 1, 1) as surveyed_on
    from {{ ref('stg_surveys__surveys') }}
),

-- the last count before the day; of a survey older than every count, the first one after it
counted as (
    select distinct on (populations.organisation_id, days.surveyed_on)
        populations.organisation_id,
        days.surveyed_on,
        populations.inhabitants
    from {{ ref('stg_register__populations') }} as populations
    cross join days
    order by
        populations.organisation_id,
        days.surveyed_on,
        populations.reference_on <= days.surveyed_on desc,
        abs(populations.reference_on - days.surveyed_on)
),

-- one member without a count makes the sum unknown, not smaller
summed as (
    select
        memberships.organisation_id,
        days.surveyed_on,
        case
            when count(*) = count(counted.inhabitants) then sum(counted.inhabitants)
        end as inhabitants
    from {{ ref('stg_register__memberships') }} as memberships
    inner join days on {{ valid_on('memberships', 'days.surveyed_on') }}
    left join counted
        on
            memberships.member_id = counted.organisation_id
            and days.surveyed_on = counted.surveyed_on
    group by memberships.organisation_id, days.surveyed_on
)

select
    organisation_id,
    surveyed_on,
    inhabitants::bigint as inhabitants
from summed
union all
select
    counted.organisation_id,
    counted.surveyed_on,
    counted.inhabitants::bigint as inhabitants
from counted
left join summed
    on counted.organisation_id = summed.organisation_id and counted.surveyed_on = summed.surveyed_on
where summed.organisation_id is null
