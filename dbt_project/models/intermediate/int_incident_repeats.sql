-- Who passed a message about an incident on: the first repost or quote by another body around it,
-- on the same platform, while the message was young. Joins across accounts, so by organisation.
with messages as (
    select
        posts.source,
        posts.incident_id,
        posts.organisation_id,
        posts.created_at,
        accounts.platform,
        case accounts.platform
            when 'bluesky' then split_part(posts.post_id, '/', 5)
            else posts.post_id
        end as referenced_key
    from {{ ref('int_incident_posts') }} as posts
    inner join {{ ref('int_incident_accounts') }} as accounts
        on
            posts.account_id = accounts.account_id
            and posts.source = accounts.source
            and posts.incident_id = accounts.incident_id
    where posts.match_level in ('confirmed', 'certain', 'probable')
),

named as (
    select
        accounts.source,
        accounts.incident_id,
        accounts.organisation_id,
        accounts.platform,
        repeats.message_id as post_id,
        repeats.created_at,
        refs.reference_kind,
        refs.referenced_key
    from {{ ref('int_incident_accounts') }} as accounts
    inner join {{ ref('int_outgoing_messages') }} as repeats
        on
            accounts.account_id = repeats.account_id
            and accounts.alarmed_at <= repeats.created_at
    inner join {{ ref('stg_incidents__references') }} as refs
        on repeats.account_id = refs.account_id and repeats.message_id = refs.post_id
)

select distinct on (named.source, named.incident_id, named.platform, named.organisation_id)
    named.source,
    named.incident_id,
    named.platform,
    named.organisation_id,
    messages.organisation_id as repeated_organisation_id,
    named.post_id,
    named.reference_kind,
    (extract(epoch from named.created_at - messages.created_at) / 60.0)::double precision
        as delay_minutes,
    named.created_at as repeated_at
from named
inner join messages
    on
        named.source = messages.source
        and named.incident_id = messages.incident_id
        and named.platform = messages.platform
        and named.referenced_key = messages.referenced_key
        and named.organisation_id != messages.organisation_id
        and named.created_at >= messages.created_at
        and named.created_at
        <= messages.created_at + interval '{{ var("crisis_amplification_minutes") }} minutes'
order by
    named.source, named.incident_id, named.platform, named.organisation_id, named.created_at,
    messages.created_at, named.post_id
