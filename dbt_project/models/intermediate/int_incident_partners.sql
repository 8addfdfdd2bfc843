-- Partners: everybody around the incident who has an account on the platform, except who spoke first
-- there, as far as they could be watched in the hour after.
select
    firsts.source,
    firsts.incident_id,
    firsts.platform,
    accounts.organisation_id,
    repeats.organisation_id is not null as has_repeated
from {{ ref('int_incident_firsts') }} as firsts
inner join {{ ref('int_incident_accounts') }} as accounts
    on
        firsts.source = accounts.source
        and firsts.incident_id = accounts.incident_id
        and firsts.platform = accounts.platform
        and firsts.organisation_id != accounts.organisation_id
        and accounts.observed_until_at >= least(
            firsts.first_message_at
            + interval '{{ var("crisis_amplification_minutes") }} minutes',
            accounts.followed_until_at
        )
left join {{ ref('int_incident_repeats') }} as repeats
    on
        accounts.source = repeats.source
        and accounts.incident_id = repeats.incident_id
        and accounts.platform = repeats.platform
        and accounts.organisation_id = repeats.organisation_id
where
    firsts.platform in {{ listed(var("platforms_with_references")) }}
