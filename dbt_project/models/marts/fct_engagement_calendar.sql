{{ config(
    materialized='ephemeral',
    contract={'enforced': false},
    meta={'distributed_by': 'account_id'}
) }}
with observed as (
    select
        account_id,
        range_agg(daterange(first_on, last_on, '[]')) as days
    from {{ ref('int_observed_spans') }}
    where stream = 'posts'
    group by account_id
),

followed as (
    select
        account_id,
        range_agg(daterange(observed_on, carried_to_on, '[]')) as days
    from {{ ref('fct_follower_reading') }}
    where followers > 0 and {{ open('account', 'observed_on', days=32) }}
    group by account_id
),

-- up to the last day on which all posts are seven days old
known as (
    select
        observed.account_id,
        observed.days * followed.days * datemultirange(
            daterange(
                null,
                {{ local_date(
                    "(states.posts_known_until - interval '"
                    ~ var("reading_age_days") * 24 ~ " hours')"
                ) }}
            )
        ) as days
    from observed
    inner join followed on observed.account_id = followed.account_id
    inner join {{ ref('int_account_states') }} as states
        on observed.account_id = states.account_id
)

select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    periods.period_end,
    known.days * datemultirange(daterange(periods.period_start, periods.period_end, '[]'))
        as known_days
from {{ ref('int_account_periods') }} as periods
left join known on periods.account_id = known.account_id
where {{ open('account', 'periods.period_start', 'periods') }}
