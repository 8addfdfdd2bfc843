{{ config(
    materialized='growing',
    meta={'open': {'kind': 'platform', 'date': 'period_start'}}
) }}
{%- set keys = ['group_id', 'organisation_id', 'platform', 'period_kind', 'period_start', 'clock'] %}
-- A month of one body has too few questions for a curve: bodies have quarters only.
with shown as (
    {{ shown_groups('M26') }}
),

bins as (
    select
        *,
        -- a body is counted in its first row of a curve, and nowhere else
        case
            when hours = min(hours) over (
                partition by account_id, period_kind, period_start, clock
            ) then 1
            else 0
        end as organisations
    from {{ ref('fct_response_bin') }}
    where {{ open('platform', 'period_start') }}
),

summed as (
    select
        dim_organisation.size_group_id as group_id,
        bins.organisation_id,
        bins.platform,
        bins.period_kind,
        bins.period_start,
        bins.clock,
        bins.hours,
        bins.events,
        bins.censored,
        bins.organisations
    from bins
    inner join {{ ref('dim_organisation') }} as dim_organisation
        on
            bins.organisation_id = dim_organisation.organisation_id
            and bins.last_on = dim_organisation.as_of_on
    where bins.period_kind = 'quarter'
    union all
    select
        members.group_id,
        null as organisation_id,
        bins.platform,
        bins.period_kind,
        bins.period_start,
        bins.clock,
        bins.hours,
        sum(bins.events) as events,
        sum(bins.censored) as censored,
        sum(bins.organisations) as organisations
    from bins
    inner join {{ ref('dim_group_member') }} as members
        on bins.organisation_id = members.organisation_id and bins.last_on = members.as_of_on
    -- a curve tells as much as the response rate: it is shown where that is
    inner join shown
        on
            members.group_id = shown.group_id
            and bins.platform = shown.platform
            and bins.period_kind = shown.period_kind
            and bins.period_start = shown.period_start
    group by
        members.group_id, bins.platform, bins.period_kind, bins.period_start, bins.clock,
        bins.hours
),

whole as (
    select
        {{ keys | join(", ") }},
        hours,
        events,
        censored,
        sum(events + censored) over curves as questions,
        sum(organisations) over curves as organisations
    from summed
    window curves as (partition by {{ keys | join(", ") }})
)

select
    {{ keys | join(", ") }},
    hours,
    events::bigint as events,
    censored::bigint as censored,
    questions::bigint as questions,
    organisations::bigint as organisations
from whole
where
    (organisation_id is null and organisations >= {{ var("minimum_group_size") }})
    or (organisation_id is not null and questions >= {{ var("minimum_curve_questions") }})
