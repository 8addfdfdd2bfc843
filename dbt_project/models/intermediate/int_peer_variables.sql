-- By what bodies are found to be alike. A score is how many standard deviations a body lies from the
-- mean of its type in its country on that day.
with days as (
    select distinct as_of_on from {{ ref('int_peer_days') }}
),

channels as (
    select
        days.as_of_on,
        accounts.organisation_id,
        count(distinct accounts.platform)::double precision as platforms
    from days
    inner join {{ ref('stg_register__accounts') }} as accounts
        on accounts.role = 'official' and {{ valid_on('accounts', 'days.as_of_on') }}
    group by days.as_of_on, accounts.organisation_id
),

members as (
    select
        days.as_of_on,
        memberships.organisation_id,
        count(*)::double precision as members
    from days
    inner join {{ ref('stg_register__memberships') }} as memberships
        on {{ valid_on('memberships', 'days.as_of_on') }}
    group by days.as_of_on, memberships.organisation_id
),

valued as (
    select
        organisations.as_of_on,
        organisations.organisation_id,
        organisations.country,
        organisations.organisation_type,
        variables.variable,
        variables.weight,
        found.code,
        found.amount,
        case
            when variables.transform <> 'log' then found.amount
            when found.amount > 0 then ln(found.amount)
        end as measure
    from {{ ref('int_organisations_at') }} as organisations
    inner join days on organisations.as_of_on = days.as_of_on
    left join {{ ref('int_peer_places') }} as places
        on
            organisations.organisation_id = places.organisation_id
            and organisations.as_of_on = places.as_of_on
    left join members
        on
            organisations.organisation_id = members.organisation_id
            and organisations.as_of_on = members.as_of_on
    left join channels
        on
            organisations.organisation_id = channels.organisation_id
            and organisations.as_of_on = channels.as_of_on
    cross join
        lateral (
            values
            ('inhabitants', null, organisations.inhabitants::double precision),
            ('members', null, members.members),
            ('region', organisations.region_code, null),
            ('province', organisations.province_code, null),
            ('latitude', null, places.latitude),
            ('longitude', null, places.longitude),
            -- none is a number here: the register says that there is no account
            ('platforms', null, greatest(0, channels.platforms))
        ) as found (variable, code, amount)
    inner join {{ ref('peer_variables') }} as variables on found.variable = variables.variable
)

select
    as_of_on,
    organisation_id,
    variable,
    country,
    organisation_type,
    weight,
    code,
    amount,
    case
        when code is not null then null
        when stddev_pop(measure) over alike > 0
            then (measure - avg(measure) over alike) / stddev_pop(measure) over alike
        else 0
    end as score
from valued
where code is not null or measure is not null
window alike as (partition by as_of_on, variable, country, organisation_type)
