{{ config(
    materialized='view',
    meta={'distributed_by': 'account_id', 'view_of': 'fct_response_band_period'}
) }}
-- What the bands of groups are made of, with how many questions all bands together have.
select
    account_id,
    organisation_id,
    platform,
    last_on,
    period_kind,
    period_start,
    clock,
    band,
    band_order,
    questions,
    sum(questions) over (
        partition by account_id, platform, period_kind, period_start, clock
    ) as closed_questions
from {{ ref('fct_response_band_period') }}
