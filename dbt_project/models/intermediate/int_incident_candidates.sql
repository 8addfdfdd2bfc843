{{ config(meta={'distributed_by': 'account_id'}) }}
-- Own messages of the bodies around an incident while it was followed, and what speaks for and
-- against each. Answers to citizens and what others said (reposts) are no own message about it.
with candidates as (
    select
        accounts.account_id,
        accounts.source,
        accounts.incident_id,
        accounts.organisation_id,
        accounts.municipality_id,
        accounts.incident_kind,
        accounts.area_confidence,
        accounts.alarmed_at,
        messages.message_id as post_id,
        messages.in_reply_to_id,
        messages.message_kind,
        messages.created_at,
        verdicts.verdict
    from {{ ref('int_incident_accounts') }} as accounts
    inner join {{ ref('int_outgoing_messages') }} as messages
        on accounts.account_id = messages.account_id
    left join {{ ref('stg_incidents__verdicts') }} as verdicts
        on
            messages.account_id = verdicts.account_id
            and messages.message_id = verdicts.post_id
            and accounts.source = verdicts.source
            and accounts.incident_id = verdicts.incident_id
    where
        messages.created_at >= accounts.alarmed_at
        and (
            verdicts.verdict = 'confirm'
            or (
                messages.created_at < accounts.followed_until_at
                and messages.message_kind in ('original', 'continuation')
            )
        )
),

asked as (
    select distinct
        account_id,
        post_id
    from candidates
),

-- what the latest reading of a post says
words as (
    select distinct on (readings.account_id, readings.post_id) readings.*
    from {{ ref('stg_incidents__words') }} as readings
    inner join asked
        on readings.account_id = asked.account_id and readings.post_id = asked.post_id
    order by readings.account_id asc, readings.post_id asc, readings.observed_at desc
),

named as (
    select
        candidates.*,
        words.kinds,
        words.tag_kinds,
        words.tag_places,
        words.is_alert,
        words.is_contrary,
        words.places,
        array[places.name_nl, places.name_fr, places.name_de] as own_names
    from candidates
    left join words
        on
            candidates.account_id = words.account_id
            and candidates.post_id = words.post_id
            and words.has_incident
    left join {{ ref('stg_incidents__places') }} as places
        on
            candidates.municipality_id = places.organisation_id
            and {{ valid_on('places', local_date('candidates.alarmed_at')) }}
)

select
    account_id,
    post_id,
    source,
    incident_id,
    organisation_id,
    message_kind,
    in_reply_to_id,
    verdict,
    area_confidence,
    coalesce(incident_kind = any(kinds), false) as has_term,
    coalesce('any' = any(kinds) and not incident_kind = any(kinds), false) as has_crisis_word,
    coalesce(is_alert, false) as has_alert,
    coalesce(own_names && places, false) as has_place,
    -- only beside words of an incident: a place alone is in half of what a municipality says
    coalesce(organisation_id = municipality_id and places = '{}', false) as is_own_place,
    coalesce(incident_kind = any(tag_kinds) or own_names && tag_places, false) as has_tag,
    created_at < alarmed_at + interval '1 hour' as is_soon,
    coalesce(places != '{}' and not own_names && places, false) as names_elsewhere,
    coalesce(
        array_remove(array_remove(kinds, 'any'), 'exercise') != '{}'
        and not incident_kind = any(kinds),
        false
    ) as is_other_kind,
    coalesce(
        is_contrary or ('exercise' = any(kinds) and incident_kind != 'exercise'), false
    ) as has_contrary_word,
    alarmed_at,
    created_at
from named
