with firsts as (
    select distinct on (source, incident_id, organisation_id) *
    from {{ ref('fct_incident_response') }}
    where delay_minutes is not null
    order by
        source asc, incident_id asc, organisation_id asc, delay_minutes asc, updates_6h desc nulls last,
        platform asc
),

organisations as (
    select
        source,
        incident_id,
        organisation_id,
        min(body_role) as body_role,
        count(*) filter (where missing_reason is distinct from 'no_account') as channels,
        count(*) filter (where is_final) as final_channels,
        count(delay_minutes) as speaking_channels,
        -- the first that holds: what we do not know outweighs what we do
        case
            when count(*) filter (where missing_reason is distinct from 'no_account') = 0
                then 'no_account'
            when bool_or(missing_reason = 'not_observed') then 'not_observed'
            when bool_or(missing_reason = 'refused') then 'refused'
            else 'no_message'
        end as silence,
        max(alarmed_at) as alarmed_at
    from {{ ref('fct_incident_response') }}
    group by source, incident_id, organisation_id
)

select
    organisations.source,
    organisations.incident_id,
    organisations.organisation_id,
    organisations.body_role,
    firsts.platform as first_platform,
    firsts.delay_minutes,
    case
        when firsts.delay_minutes is not null then firsts.is_within_norm
        when organisations.silence = 'no_message' then false
    end as is_within_norm,
    firsts.updates_6h,
    firsts.median_update_gap_minutes,
    firsts.confidence,
    firsts.match_level,
    organisations.channels,
    organisations.speaking_channels,
    organisations.channels > 0 and organisations.channels = organisations.final_channels as is_final,
    case when firsts.delay_minutes is null then organisations.silence end as missing_reason,
    organisations.alarmed_at,
    firsts.first_message_at
from organisations
left join firsts
    on
        organisations.source = firsts.source
        and organisations.incident_id = firsts.incident_id
        and organisations.organisation_id = firsts.organisation_id
