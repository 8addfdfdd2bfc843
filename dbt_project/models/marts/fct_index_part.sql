{{ config(
    materialized='growing',
    meta={'open': {'kind': 'platform', 'date': 'period_start'}}
) }}
-- Each figure that the index is made of, as a place among the peers on that platform: the share of them
-- that is below, ties for half. A body is one of its own ties, so that no place is 0.
{%- set peers = "partition by group_id, period_start, platform, component, metric_id" %}
with quick as (
    select
        bands.organisation_id,
        bands.platform,
        bands.period_start,
        sum(bands.questions) filter (where limits.up_to_hours <= {{ var("index_answer_hours") }})
        / nullif(sum(bands.questions), 0) as share
    from {{ ref('fct_response_band_period') }} as bands
    inner join {{ ref('response_bands') }} as limits on bands.band = limits.band
    where
        bands.clock = 'calendar'
        and bands.period_kind = 'quarter'
        and {{ open('platform', 'bands.period_start', 'bands') }}
    group by bands.organisation_id, bands.platform, bands.period_start
),

measured as (
    select
        figures.organisation_id,
        figures.platform,
        figures.period_start,
        parts.component,
        parts.metric_id,
        parts.direction,
        parts.min_cases,
        -- of the same questions as M26, and missing where that is
        case
            when parts.metric_id <> figures.metric_id and figures.value is not null then quick.share
            else figures.value
        end as value,
        figures.n_cases,
        figures.missing_reason,
        figures.status
    from {{ ref('fct_metric') }} as figures
    inner join {{ ref('index_parts') }} as parts
        on figures.metric_id = case parts.metric_id when 'M32' then 'M26' else parts.metric_id end
    left join quick
        on
            figures.organisation_id = quick.organisation_id
            and figures.platform = quick.platform
            and figures.period_start = quick.period_start
    where
        figures.definition_id = 'klankbord'
        and figures.period_kind = 'quarter'
        and {{ open('platform', 'figures.period_start', 'figures') }}
),

judged as (
    select
        bodies.organisation_id,
        bodies.period_start,
        bodies.group_id,
        measured.platform,
        measured.component,
        measured.metric_id,
        measured.value,
        measured.n_cases,
        case
            when measured.value is null then measured.missing_reason
            when measured.n_cases < measured.min_cases then 'too_few_cases'
        end as missing_reason,
        -- to nine decimals: the last digits of a mean are those of the order of adding
        case
            when measured.n_cases < measured.min_cases then null
            when measured.direction = 'lower' then -1 * round(measured.value::numeric, 9)
            else round(measured.value::numeric, 9)
        end as compared,
        measured.status,
        -- where no peer has an account, an absence says nothing
        bool_or(accounts.account_id is not null)
            over (partition by bodies.group_id, bodies.period_start, measured.platform) as is_in_use
    from {{ ref('int_index_bodies') }} as bodies
    inner join measured
        on
            bodies.organisation_id = measured.organisation_id
            and bodies.period_start = measured.period_start
    left join {{ ref('int_account_periods') }} as accounts
        on
            bodies.organisation_id = accounts.organisation_id
            and bodies.period_start = accounts.period_start
            and measured.platform = accounts.platform
            and accounts.period_kind = 'quarter'
            and {{ open('platform', 'accounts.period_start', 'accounts') }}
    where bodies.is_peer
),

ranked as (
    select
        *,
        count(compared) over ({{ peers }}) as n_peers,
        rank() over ({{ peers }} order by compared) - 1 as peers_below,
        count(*) over ({{ peers }}, compared) as peers_equal
    from judged
    where is_in_use
)

select
    organisation_id,
    period_start,
    platform,
    component,
    metric_id,
    group_id,
    value,
    n_cases::integer as n_cases,
    n_peers::integer as n_peers,
    case
        when compared is not null and n_peers >= {{ var("minimum_group_size") }}
            then 100 * (peers_below + peers_equal / 2.0)::double precision / n_peers
    end as percentile,
    case
        when compared is null then missing_reason
        when n_peers < {{ var("minimum_group_size") }} then 'too_few_peers'
    end as missing_reason,
    status
from ranked
