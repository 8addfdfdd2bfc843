{{ config(materialized='ephemeral', contract={'enforced': false}) }}
-- a part without a number of inhabitants has no M05, and followers all the same
with followers as materialized (
    select
        periods.organisation_id,
        periods.platform,
        periods.period_kind,
        periods.period_start,
        audience.followers::double precision as followers
    from {{ ref('int_account_periods') }} as periods
    inner join {{ ref('fct_audience_period') }} as audience
        on
            periods.account_id = audience.account_id
            and periods.period_kind = audience.period_kind
            and periods.period_start = audience.period_start
    where {{ open('platform', 'periods.period_start', 'periods') }}
)

select
    territories.territory_on,
    territories.as_of_on,
    territories.territory_id,
    coalesce(rules.rule, 'none') as rule,
    coalesce(rules.reason_code, case when rules.rule is null then 'no_rule' end) as reason_code,
    figures.organisation_id,
    figures.platform,
    figures.metric_id,
    figures.definition_id,
    figures.period_kind,
    figures.period_start,
    figures.value,
    figures.n_cases,
    figures.coverage,
    figures.access_tier,
    figures.status,
    figures.is_synthetic,
    case
        when figures.metric_id = 'M05' then followers.followers
        when rules.rule in ('any', 'count') then figures.value
        else figures.numerator
    end as numerator,
    figures.denominator,
    -- silence that was observed adds nothing; what was not observed could have added anything
    case
        when figures.metric_id = 'M05' then followers.followers is not null
        else figures.missing_reason is null or figures.missing_reason = 'not_applicable'
    end as is_known
from {{ ref('int_territory') }} as territories
inner join {{ ref('fct_metric') }} as figures
    on
        territories.organisation_id = figures.organisation_id
        and territories.as_of_on = figures.as_of_on
left join {{ ref('territory_rules') }} as rules on figures.metric_id = rules.metric_id
left join followers
    on
        figures.metric_id = 'M05'
        and figures.organisation_id = followers.organisation_id
        and figures.platform = followers.platform
        and figures.period_kind = followers.period_kind
        and figures.period_start = followers.period_start
where
    {{ open('platform', 'figures.period_start', 'figures') }}
    -- the day of a figure lies in its period: so few of the maps' days are asked for
    and {{ open('any', 'territories.as_of_on') }}
