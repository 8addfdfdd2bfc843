{{ config(
    materialized='growing',
    meta={'open': {'kind': 'platform', 'date': 'period_start'}},
    post_hook="{{ forget_past_changes() }}"
) }}
-- A figure beside that of the same period a year before, and whether the two may be compared.
with recent as (
    select
        periods.platform,
        periods.period_kind,
        periods.period_start,
        (periods.period_start - interval '1 year')::date as before_start
    from {{ ref('int_platform_periods') }} as periods
    where
        {{ told_as_change('periods') }}
        and {{ open('platform', 'periods.period_start', 'periods') }}
),

now as (
    select
        figures.*,
        recent.before_start
    from {{ ref('fct_metric') }} as figures
    inner join recent
        on
            figures.platform = recent.platform
            and figures.period_kind = recent.period_kind
            and figures.period_start = recent.period_start
    where figures.definition_id = 'klankbord'
),

ago as (
    select *
    from {{ ref('fct_year_ago') }} as before
    where {{ open('platform', 'before.period_start', 'before') }}
),

paired as (
    select
        coalesce(now.organisation_id, ago.organisation_id) as organisation_id,
        coalesce(now.platform, ago.platform) as platform,
        coalesce(now.metric_id, ago.metric_id) as metric_id,
        coalesce(now.period_kind, ago.period_kind) as period_kind,
        coalesce(now.period_start, ago.period_start) as period_start,
        coalesce(now.before_start, ago.before_start) as before_start,
        coalesce(now.as_of_on, ago.last_on) as as_of_on,
        ago.before_on,
        now.value,
        now.lower,
        now.upper,
        now.numerator,
        now.denominator,
        now.n_cases,
        coalesce(now.missing_reason, 'no_account') as missing_reason,
        ago.value as before_value,
        ago.lower as before_lower,
        ago.upper as before_upper,
        ago.numerator as before_numerator,
        ago.denominator as before_denominator,
        ago.n_cases as before_n_cases,
        coalesce(ago.missing_reason, 'no_account') as before_missing_reason,
        coalesce(ago.is_merged, false) as is_merged,
        coalesce(now.is_synthetic, false) or coalesce(ago.is_synthetic, false) as is_synthetic
    from now
    full join ago
        on
            now.organisation_id = ago.organisation_id
            and now.platform = ago.platform
            and now.metric_id = ago.metric_id
            and now.period_kind = ago.period_kind
            and now.period_start = ago.period_start
),

judged as (
    select
        paired.*,
        -- means of response times have cases too few to be counts, and no interval
        metrics.interval_kind <> 'none' or metrics.theme = 'response' as is_estimated,
        case
            when paired.value is null and paired.before_value is null then 'neither'
            when paired.before_value is null then 'new'
            when paired.value is null then 'gone'
            when
                metrics.parameters ? 'question_rules'
                and (here.organisation_id is not null or there.organisation_id is not null)
                then 'definition'
            when paired.is_merged then 'merger'
            else 'real'
        end as change_kind
    from paired
    inner join {{ ref('dim_metric') }} as metrics on paired.metric_id = metrics.metric_id
    left join {{ ref('fct_definition_break') }} as here
        on
            paired.organisation_id = here.organisation_id
            and paired.platform = here.platform
            and paired.period_kind = here.period_kind
            and paired.period_start = here.period_start
    left join {{ ref('fct_definition_break') }} as there
        on
            paired.organisation_id = there.organisation_id
            and paired.platform = there.platform
            and paired.period_kind = there.period_kind
            and paired.before_start = there.period_start
)

select
    *,
    case when change_kind in ('real', 'merger') then value - before_value end as change
from judged
where change_kind <> 'neither'
