{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'period_start'}}
) }}
-- Only accounts whose owner was ever asked. What an owner sees is a stream of its own, but where a
-- platform tells it with the posts.
with sources as (
    select
        platform,
        case
            {%- for name in var("platforms_with_insights") %}
                when platform = '{{ name }}' then 'insights'
            {%- endfor %}
            {%- for name in var("platforms_with_viewed_posts") %}
                when platform = '{{ name }}' then 'posts'
            {%- endfor %}
        end as stream
    from {{ ref('platforms') }}
),

latest as (
    select distinct on (months.account_id)
        months.account_id,
        months.stream,
        months.latest_status = 'refused' as is_refused
    from {{ ref('int_outcome_months') }} as months
    inner join sources on months.platform = sources.platform and months.stream = sources.stream
    order by months.account_id, months.scan_month desc
)

select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    latest.is_refused as is_owner_refused,
    sum(
        case
            when spans.account_id is null then 0
            else
                {{ days_shared(
                    'periods.period_start', 'periods.last_on', 'spans.first_on', 'spans.last_on'
                ) }}
        end
    )::integer as owner_days
from {{ ref('int_account_periods') }} as periods
inner join latest on periods.account_id = latest.account_id
left join {{ ref('int_observed_spans') }} as spans
    on periods.account_id = spans.account_id and latest.stream = spans.stream
where {{ open('account', 'periods.period_start', 'periods') }}
group by periods.account_id, periods.period_kind, periods.period_start, latest.is_refused
