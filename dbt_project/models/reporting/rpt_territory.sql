select
    territories.territory_on,
    periods.platform,
    periods.period_kind,
    periods.period_start,
    {{ period_name('periods') }} as period,
    territories.organisation_id,
    territories.territory_id
from {{ ref('int_territory') }} as territories
inner join {{ ref('int_platform_periods') }} as periods
    on territories.as_of_on = periods.last_on
