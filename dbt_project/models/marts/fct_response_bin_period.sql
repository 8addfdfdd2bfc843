{{ config(
    materialized='growing',
    meta={'distributed_by': 'account_id', 'open': {'kind': 'account', 'date': 'period_start'}}
) }}
{%- set keys = ['account_id', 'period_kind', 'period_start', 'clock'] %}
-- What a curve of many accounts is made of, without their questions. Times are whole quarters of an
-- hour, and each question is cut off at the last whole quarter for which it was followed: so nothing
-- is censored inside a quarter, and a curve of the sums is exactly the curve of the questions at the
-- end of each quarter.
with cases as (
    {{ response_cases() }}
),

binned as (
    select
        {{ keys | join(", ") }},
        ceil(hours * 4) as answered_bin,
        floor(followed_hours * 4) as last_bin
    from cases
)

select
    {{ keys | join(", ") }},
    (case when answered_bin <= last_bin then answered_bin else last_bin end / 4)::double precision
        as hours,
    count(*) filter (where answered_bin <= last_bin) as events,
    count(*) filter (where (answered_bin <= last_bin) is not true) as censored
from binned
group by
    {{ keys | join(", ") }}, case when answered_bin <= last_bin then answered_bin else last_bin end
