with numbered as (
    select
        platform,
        period_kind,
        period_start,
        last_on,
        row_number() over (partition by platform, period_kind order by period_start desc) as place
    from {{ ref('int_platform_periods') }}
)

select
    platform,
    period_kind,
    period_start,
    last_on as as_of_on
from numbered
where place <= {{ var("peer_periods") }}
