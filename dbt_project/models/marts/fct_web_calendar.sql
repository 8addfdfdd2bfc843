{{ config(materialized='ephemeral', contract={'enforced': false}) }}
-- The days that count are those that were measured and, of sites that said no, those that were asked for.
with asked as (
    select
        organisation_id,
        visited_on as day_on
    from {{ ref('fct_web_day') }}
    union all
    select
        organisation_id,
        read_on - 1 as day_on
    from {{ ref('stg_web__outcomes') }}
),

bodies as (
    select
        organisation_id,
        min(day_on) as first_on
    from asked
    group by organisation_id
),

latest as (
    select max(day_on) as latest_on from asked
),

sites as (
    select distinct on (organisation_id, site)
        organisation_id,
        status
    from {{ ref('stg_web__outcomes') }}
    order by organisation_id, site, read_on desc
),

refused as (
    select
        organisation_id,
        bool_and(status = 'refused') as is_refused
    from sites
    group by organisation_id
)

select
    bodies.organisation_id,
    kinds.period_kind,
    starts.starts_at::date as period_start,
    (starts.starts_at + kinds.length)::date - 1 as period_end,
    least((starts.starts_at + kinds.length)::date - 1, latest.latest_on) as last_on,
    coalesce(refused.is_refused, false) as is_refused
from bodies
cross join latest
left join refused on bodies.organisation_id = refused.organisation_id
cross join (
    values ('month', interval '1 month'), ('quarter', interval '3 months')
) as kinds (period_kind, length)
cross join lateral generate_series(
    date_trunc(kinds.period_kind, bodies.first_on::timestamp),
    latest.latest_on::timestamp,
    kinds.length
) as starts (starts_at)
