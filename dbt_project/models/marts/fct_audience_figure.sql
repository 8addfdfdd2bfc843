{{ config(materialized='view', meta={'distributed_by': 'account_id', 'view_of': 'fct_audience_period'}) }}
-- One reading stands for its whole period; growth needs one at either end.
with counted as (
    select
        periods.account_id,
        periods.period_kind,
        periods.period_start,
        periods.period_days,
        periods.is_profiles_refused and audience.followers is null as is_refused,
        audience.followers is not null as is_read,
        audience.followers_before is not null as is_followed,
        audience.followers::double precision as followers,
        audience.followers_before::double precision as followers_before,
        (audience.observed_on - audience.since_on)::double precision / 7 as weeks,
        inhabitants_at.inhabitants::double precision as inhabitants
    from {{ ref('int_account_periods') }} as periods
    left join {{ ref('fct_audience_period') }} as audience
        on
            periods.account_id = audience.account_id
            and periods.period_kind = audience.period_kind
            and periods.period_start = audience.period_start
    left join {{ ref('int_inhabitants_at') }} as inhabitants_at
        on
            periods.organisation_id = inhabitants_at.organisation_id
            and periods.last_on = inhabitants_at.as_of_on
)

select
    counted.account_id,
    counted.period_kind,
    counted.period_start,
    figure.metric_id,
    'klankbord' as definition_id,
    figure.is_observed,
    counted.is_refused,
    case when figure.is_covered then counted.period_days else 0 end as observed_days,
    figure.numerator,
    figure.denominator,
    1::bigint as n_cases,
    figure.own_value,
    null::double precision as own_lower,
    null::double precision as own_upper
from counted
cross join
    lateral (
        values
        (
            'M05', counted.is_read and coalesce(counted.inhabitants > 0, false), counted.is_read,
            counted.followers, counted.inhabitants, null::double precision
        ),
        (
            'M08', counted.is_followed, counted.is_followed,
            counted.followers - counted.followers_before, counted.followers_before, null
        ),
        (
            'M08n', counted.is_followed, counted.is_followed,
            counted.followers - counted.followers_before, 1, null
        ),
        (
            'M09', counted.is_followed, counted.is_followed, null, null,
            100 * (
                power(counted.followers / nullif(counted.followers_before, 0), 1 / counted.weeks)
                - 1
            )
        )
    ) as figure (metric_id, is_observed, is_covered, numerator, denominator, own_value)
