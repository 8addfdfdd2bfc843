{{ config(materialized='growing', meta={'open': {'kind': 'any', 'date': 'period_start'}}) }}
-- What the rules look at: a quarter of an organisation, its channels apart and then together.
with growth as (
    select
        now.organisation_id,
        now.platform,
        now.period_start,
        audience.followers - earlier.followers as numerator,
        earlier.followers as denominator,
        now.is_profiles_refused,
        now.is_synthetic
    from {{ ref('int_account_periods') }} as now
    left join {{ ref('fct_audience_period') }} as audience
        on
            now.account_id = audience.account_id
            and now.period_kind = audience.period_kind
            and now.period_start = audience.period_start
    left join {{ ref('fct_audience_period') }} as earlier
        on
            now.account_id = earlier.account_id
            and now.period_kind = earlier.period_kind
            and now.period_start = (earlier.period_start + interval '3 months')::date
    where now.period_kind = 'quarter' and {{ open('any', 'now.period_start') }}
),

figures as (
    select
        organisation_id,
        platform,
        metric_id,
        date_trunc('quarter', period_start::timestamp)::date as period_start,
        count(value) as months,
        sum(numerator order by period_start) filter (where value is not null) as numerator,
        sum(denominator order by period_start) filter (where value is not null) as denominator,
        sum(n_cases) filter (where value is not null) as n_cases,
        (
            array_agg(missing_reason order by period_start desc)
            filter (where missing_reason is not null)
        )[1
        ] as missing_reason,
        bool_and(status = 'final') as is_final,
        bool_or(is_synthetic) as is_synthetic
    from {{ ref('fct_metric') }}
    where
        period_kind = 'month' and definition_id = 'klankbord'
        and metric_id in ('M01', 'M03', 'M21', 'M26')
        and {{ open('any', 'period_start') }}
    group by
        organisation_id, platform, metric_id, date_trunc('quarter', period_start::timestamp)
    union all
    -- from the last reading of the quarter before to the last one of this
    select
        organisation_id,
        platform,
        'M08' as metric_id,
        period_start,
        case when numerator is not null then 1 else 0 end as months,
        100.0 * numerator as numerator,
        case when numerator is not null then denominator end as denominator,
        1 as n_cases,
        case
            when numerator is not null then null
            when is_profiles_refused then 'refused' else 'not_observed'
        end as missing_reason,
        true as is_final,
        is_synthetic
    from growth
),

valued as (
    select
        rules.rule_id,
        rules.over_platforms,
        figures.*,
        figures.numerator / nullif(figures.denominator, 0) as value
    from figures
    inner join {{ ref('maturity_rules') }} as rules on figures.metric_id = rules.metric_id
),

-- the channel with the highest figure alone, or every channel
chosen as (
    select
        *,
        over_platforms = 'pooled' or row_number() over (
            partition by rule_id, organisation_id, period_start
            order by value desc nulls last, platform
        ) = 1 as is_chosen
    from valued
)

select
    rule_id,
    organisation_id,
    period_start,
    sum(numerator order by platform) filter (where is_chosen)
    / nullif(sum(denominator order by platform) filter (where is_chosen), 0) as value,
    (max(months) filter (where is_chosen))::integer as n_months,
    (sum(n_cases) filter (where is_chosen and numerator is not null))::integer as n_cases,
    string_agg(platform, ', ' order by platform) filter (where is_chosen and numerator is not null)
        as platforms,
    -- the words sort by weight: not applicable, not observed, refused
    max(missing_reason) filter (where is_chosen and numerator is null) as missing_reason,
    bool_and(is_final) filter (where is_chosen) as is_final,
    bool_or(is_synthetic) as is_synthetic
from chosen
group by rule_id, organisation_id, period_start
