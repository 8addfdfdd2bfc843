-- Who of the bodies concerned spoke first on each platform.
select distinct on (accounts.source, accounts.incident_id, accounts.platform)
    accounts.source,
    accounts.incident_id,
    accounts.platform,
    accounts.organisation_id,
    updates.first_message_at
from {{ ref('int_incident_accounts') }} as accounts
inner join {{ ref('int_incident_updates') }} as updates
    on
        accounts.account_id = updates.account_id
        and accounts.source = updates.source
        and accounts.incident_id = updates.incident_id
where accounts.is_concerned and updates.is_first_observed
order by
    accounts.source, accounts.incident_id, accounts.platform, updates.first_message_at,
    accounts.organisation_id
