{{ config(
    materialized='growing',
    meta={'open': {'kind': 'platform', 'date': 'period_start'}}
) }}
{%- set keys = ['group_id', 'platform', 'period_kind', 'period_start', 'clock'] %}
-- How alike the questions to one body are: how many answers each body gave more or fewer than the
-- group's curve expects of it, squared, beside what chance alone would make of that. Sums are in order,
-- so that a build of what is open gives the last bit of a full one.
with risks as (
    select
        {{ keys | join(", ") }},
        hours,
        events::double precision as events,
        sum(events + censored) over (
            partition by {{ keys | join(", ") }}
            order by hours desc
        )::double precision as at_risk
    from {{ ref('fct_response_step') }}
    where organisation_id is null and {{ open('platform', 'period_start') }}
),

hazards as (
    select
        {{ keys | join(", ") }},
        hours,
        sum(events / at_risk) over up_to as expected,
        sum(events * (1 - events / at_risk)) over up_to as variance
    from risks
    window up_to as (partition by {{ keys | join(", ") }} order by hours)
),

bodies as (
    select
        hazards.group_id,
        bins.organisation_id,
        bins.platform,
        bins.period_kind,
        bins.period_start,
        bins.clock,
        max(hazards.variance) as variance,
        sum(
            bins.events - (bins.events + bins.censored) * hazards.expected
            order by bins.hours, bins.account_id
        ) as surplus
    from {{ ref('fct_response_bin') }} as bins
    inner join {{ ref('dim_group_member') }} as members
        on bins.organisation_id = members.organisation_id and bins.last_on = members.as_of_on
    inner join hazards
        on
            members.group_id = hazards.group_id
            and bins.platform = hazards.platform
            and bins.period_kind = hazards.period_kind
            and bins.period_start = hazards.period_start
            and bins.clock = hazards.clock
            and bins.hours = hazards.hours
    where {{ open('platform', 'bins.period_start', 'bins') }}
    group by
        hazards.group_id, bins.organisation_id, bins.platform, bins.period_kind,
        bins.period_start, bins.clock
)

select
    {{ keys | join(", ") }},
    count(*)::integer as organisations,
    -- unknown where nobody answered, or everybody at once
    count(*) / nullif(count(*) - 1, 0)::double precision
    * sum(surplus * surplus order by organisation_id) / nullif(max(variance), 0) as design_effect
from bodies
group by {{ keys | join(", ") }}
