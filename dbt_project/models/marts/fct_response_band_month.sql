{{ config(meta={'distributed_by': 'account_id'}) }}
with questions as (
    select
        account_id,
        created_on,
        -- closed without an answer in time: beyond the last limit
        case when is_answered then response_hours else 'infinity'::double precision end as hours
    from {{ ref('fct_question') }}
    where is_closed
),

monthly as (
    select
        months.account_id,
        months.period_start,
        months.organisation_id,
        months.platform,
        months.last_on,
        questions.hours
    from {{ ref('int_account_months') }} as months
    inner join questions
        on
            months.account_id = questions.account_id
            and questions.created_on between months.period_start and months.period_end
)

select
    monthly.account_id,
    monthly.period_start,
    bands.band,
    bands.band_order,
    monthly.organisation_id,
    monthly.platform,
    monthly.last_on,
    count(*) filter (
        where monthly.hours > bands.over_hours
        and (bands.up_to_hours is null or monthly.hours <= bands.up_to_hours)
    ) as questions
from monthly
cross join {{ ref('response_bands') }} as bands
group by
    monthly.account_id, monthly.period_start, bands.band, bands.band_order,
    monthly.organisation_id, monthly.platform, monthly.last_on
