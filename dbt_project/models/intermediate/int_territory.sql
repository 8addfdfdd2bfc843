-- Who makes up whom on another day's map. Only bodies that a merger or a split touched between the two
-- days have rows; all others are themselves on either.
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

dates as (
    select
        predecessor_id,
        effective_on,
        lag(effective_on) over (partition by predecessor_id order by effective_on) as previous_on
    from {{ ref('stg_register__mergers') }}
    group by predecessor_id, effective_on
),

steps as (
    select
        mergers.predecessor_id,
        mergers.successor_id,
        mergers.effective_on,
        dates.previous_on
    from {{ ref('stg_register__mergers') }} as mergers
    inner join dates
        on
            mergers.predecessor_id = dates.predecessor_id
            and mergers.effective_on = dates.effective_on
),

-- from the earlier day on: who a body became, merger by merger
walk as (
    select
        spans.territory_on,
        spans.as_of_on,
        spans.until_on,
        steps.predecessor_id as earlier_id,
        steps.successor_id as later_id,
        steps.effective_on
    from spans
    inner join steps
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
    inner join steps
        on
            walk.later_id = steps.predecessor_id
            and walk.effective_on < steps.effective_on
            and walk.until_on >= steps.effective_on
            and (steps.previous_on is null or walk.effective_on >= steps.previous_on)
),

links as (
    select distinct
        walk.territory_on,
        walk.as_of_on,
        case when walk.as_of_on < walk.territory_on then walk.earlier_id else walk.later_id end
            as body_id,
        case when walk.as_of_on < walk.territory_on then walk.later_id else walk.earlier_id end
            as map_id
    from walk
    left join steps as further
        on
            walk.later_id = further.predecessor_id
            and walk.effective_on < further.effective_on
            and walk.until_on >= further.effective_on
    where further.predecessor_id is null
),

-- bodies of the map that share a body of the day can only be told together
together as (
    select
        territory_on,
        as_of_on,
        map_id as first_id,
        map_id
    from links
    union
    select
        together.territory_on,
        together.as_of_on,
        together.first_id,
        others.map_id
    from together
    inner join links
        on
            together.territory_on = links.territory_on
            and together.as_of_on = links.as_of_on
            and together.map_id = links.map_id
    inner join links as others
        on
            links.territory_on = others.territory_on
            and links.as_of_on = others.as_of_on
            and links.body_id = others.body_id
),

units as (
    select
        territory_on,
        as_of_on,
        first_id,
        string_agg(map_id, '+' order by map_id) as territory_id,
        count(*)::integer as map_bodies
    from together
    group by territory_on, as_of_on, first_id
)

select distinct
    links.territory_on,
    links.as_of_on,
    links.body_id as organisation_id,
    units.territory_id,
    units.map_bodies
from links
inner join units
    on
        links.territory_on = units.territory_on
        and links.as_of_on = units.as_of_on
        and links.map_id = units.first_id
