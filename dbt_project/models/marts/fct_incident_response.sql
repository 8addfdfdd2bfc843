with channels as (
    {% for platform in var("platforms_with_posts") %}
        select '{{ platform }}'::text as platform
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

judged as (
    select
        bodies.source,
        bodies.incident_id,
        bodies.organisation_id,
        channels.platform,
        bodies.body_role,
        bodies.alarmed_at,
        accounts.account_id,
        coalesce(accounts.observed_until_at >= accounts.followed_until_at, false) as is_final,
        updates.messages,
        updates.median_update_gap_minutes,
        updates.confidence,
        updates.match_level,
        updates.first_message_at,
        case
            when accounts.account_id is null then 'no_account'
            when updates.is_first_observed then 'none'
            when accounts.observed_until_at >= accounts.followed_until_at then 'no_message'
            when accounts.is_posts_refused then 'refused'
            else 'not_observed'
        end as outcome
    from {{ ref('int_incident_bodies') }} as bodies
    cross join channels
    left join {{ ref('int_incident_accounts') }} as accounts
        on
            bodies.source = accounts.source
            and bodies.incident_id = accounts.incident_id
            and bodies.organisation_id = accounts.organisation_id
            and channels.platform = accounts.platform
    left join {{ ref('int_incident_updates') }} as updates
        on
            accounts.account_id = updates.account_id
            and accounts.source = updates.source
            and accounts.incident_id = updates.incident_id
    where bodies.is_concerned
),

timed as (
    select
        *,
        case
            when outcome = 'none' then extract(epoch from first_message_at - alarmed_at) / 60.0
        end::double precision as delay_minutes
    from judged
)

select
    source,
    incident_id,
    organisation_id,
    platform,
    body_role,
    delay_minutes,
    -- who was silent while we watched was not in time; of others nothing is known
    case
        when outcome = 'none' then delay_minutes <= {{ var('crisis_norm_minutes') }}
        when outcome = 'no_message' then false
    end as is_within_norm,
    case when outcome = 'none' and is_final and messages > 0 then messages - 1 end as updates_6h,
    case when outcome = 'none' and is_final then median_update_gap_minutes end
        as median_update_gap_minutes,
    case when outcome = 'none' then confidence end as confidence,
    case when outcome = 'none' then match_level end as match_level,
    is_final,
    nullif(outcome, 'none') as missing_reason,
    alarmed_at,
    case when outcome = 'none' then first_message_at end as first_message_at
from timed
