{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'period_start'}}
) }}
with questions as (
    select
        questions.account_id,
        questions.created_on,
        clocks.clock,
        clocks.hours
    from {{ ref('fct_question') }} as questions
    cross join
        lateral (
            values
            -- closed without an answer in time: beyond the last limit
            (
                'calendar',
                case
                    when questions.is_answered then questions.response_hours else 'infinity'::double precision
                end
            ),
            (
                'opening_hours',
                case
                    when questions.is_answered then questions.open_response_hours
                    when questions.open_follow_up_hours is not null then 'infinity'
                end
            )
        ) as clocks (clock, hours)
    where
        questions.is_closed
        and clocks.hours is not null
        and {{ open('account', 'questions.created_on', 'questions') }}
),

asked as (
    select
        periods.account_id,
        periods.period_kind,
        periods.period_start,
        questions.clock,
        periods.organisation_id,
        periods.platform,
        periods.last_on,
        questions.hours
    from {{ ref('int_account_periods') }} as periods
    inner join questions
        on
            periods.account_id = questions.account_id
            and questions.created_on between periods.period_start and periods.period_end
    where {{ open('account', 'periods.period_start', 'periods') }}
)

select
    asked.account_id,
    asked.period_kind,
    asked.period_start,
    asked.clock,
    bands.band,
    bands.band_order,
    asked.organisation_id,
    asked.platform,
    asked.last_on,
    count(*) filter (
        where asked.hours > bands.over_hours
        and (bands.up_to_hours is null or asked.hours <= bands.up_to_hours)
    ) as questions
from asked
cross join {{ ref('response_bands') }} as bands
group by
    asked.account_id, asked.period_kind, asked.period_start, asked.clock, bands.band,
    bands.band_order, asked.organisation_id, asked.platform, asked.last_on
