{{ config(materialized='ephemeral') }}
-- From the earlier day on: who a body became, merger by merger.
with recursive days as (
    select distinct last_on as as_of_on from {{ ref('int_platform_periods') }}
),

spans as (
    select
        maps.territory_on,
        days.as_of_on,
        least(maps.territory_on, days.as_of_on) as since_on,
        greatest(maps.territory_on, days.as_of_on) as until_on
    from {{ ref('territories') }} as maps
    inner join days on maps.territory_on <> days.as_of_on
),

walk as (
    select
        spans.territory_on,
        spans.as_of_on,
        spans.until_on,
        steps.predecessor_id as earlier_id,
        steps.successor_id as later_id,
        steps.effective_on
    from spans
    inner join {{ ref('int_merger_steps') }} as steps
        on
            spans.since_on < steps.effective_on
            and spans.until_on >= steps.effective_on
            and (steps.previous_on is null or spans.since_on >= steps.previous_on)
    -- who began by a merger after the earlier day was nobody on it
    inner join {{ ref('stg_register__organisations') }} as earlier
        on
            steps.predecessor_id = earlier.organisation_id
            and {{ valid_on('earlier', 'spans.since_on') }}
    union
    select
        walk.territory_on,
        walk.as_of_on,
        walk.until_on,
        walk.earlier_id,
        steps.successor_id as later_id,
        steps.effective_on
    from walk
    inner join {{ ref('int_merger_steps') }} as steps
        on
            walk.later_id = steps.predecessor_id
            and walk.effective_on < steps.effective_on
            and walk.until_on >= steps.effective_on
            and (steps.previous_on is null or walk.effective_on >= steps.previous_on)
)

select distinct
    walk.territory_on,
    walk.as_of_on,
    case when walk.as_of_on < walk.territory_on then walk.earlier_id else walk.later_id end
        as body_id,
    case when walk.as_of_on < walk.territory_on then walk.later_id else walk.earlier_id end
        as map_id
from walk
left join {{ ref('int_merger_steps') }} as further
    on
        walk.later_id = further.predecessor_id
        and walk.effective_on < further.effective_on
        and walk.until_on >= further.effective_on
where further.predecessor_id is null
