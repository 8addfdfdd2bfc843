{{ config(materialized='ephemeral') }}
with dates as (
    select
        predecessor_id,
        effective_on,
        lag(effective_on) over (partition by predecessor_id order by effective_on) as previous_on
    from {{ ref('stg_register__mergers') }}
    group by predecessor_id, effective_on
)

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
