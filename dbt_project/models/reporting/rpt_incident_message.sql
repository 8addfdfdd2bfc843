-- A timeline of bodies, never of citizens. What was considered and not counted stands in it too, so
-- that a person can decide otherwise. An invented account has no address: it would lead to a stranger.
with messages as (
    select
        posts.source,
        posts.incident_id,
        posts.account_id,
        posts.post_id,
        posts.match_level in ('confirmed', 'certain', 'probable') as is_counted,
        'own'::text as message_kind,
        posts.confidence,
        posts.match_level,
        concat_ws(
            ',',
            {% for name in ['is_in_thread', 'has_term', 'has_alert', 'has_crisis_word', 'has_place',
                            'is_own_place', 'has_tag', 'is_soon', 'names_elsewhere',
                            'is_other_kind', 'has_contrary_word'] %}
                case when posts.{{ name }} then '{{ name }}' end{{ ',' if not loop.last }}
            {% endfor %}
        ) as evidence,
        posts.created_at
    from {{ ref('int_incident_posts') }} as posts
    where posts.score >= 0.2 or posts.verdict is not null
),

repeats as (
    select
        repeats.source,
        repeats.incident_id,
        accounts.account_id,
        repeats.post_id,
        true as is_counted,
        repeats.reference_kind as message_kind,
        null::double precision as confidence,
        null::text as match_level,
        null::text as evidence,
        repeats.repeated_at as created_at
    from {{ ref('int_incident_repeats') }} as repeats
    inner join {{ ref('int_incident_accounts') }} as accounts
        on
            repeats.source = accounts.source
            and repeats.incident_id = accounts.incident_id
            and repeats.platform = accounts.platform
            and repeats.organisation_id = accounts.organisation_id
),

timeline as (
    select * from messages
    union all
    select * from repeats
)

select
    timeline.source,
    timeline.incident_id,
    timeline.account_id,
    timeline.post_id,
    accounts.organisation_id,
    names.name_nl as organisation_name_nl,
    names.name_en as organisation_name_en,
    accounts.body_role,
    accounts.platform,
    timeline.message_kind,
    (extract(epoch from timeline.created_at - accounts.alarmed_at) / 60.0)::double precision as minute,
    timeline.is_counted,
    timeline.confidence,
    timeline.match_level,
    timeline.evidence,
    case
        when accounts.is_synthetic then null
        when accounts.platform = 'x'
            then 'https://x.com/' || accounts.handle || '/status/' || timeline.post_id
        when accounts.platform = 'bluesky'
            then
                'https://bsky.app/profile/' || accounts.handle || '/post/'
                || split_part(timeline.post_id, '/', 5)
        when accounts.platform = 'facebook' then 'https://www.facebook.com/' || timeline.post_id
        when accounts.platform = 'linkedin'
            then 'https://www.linkedin.com/feed/update/' || timeline.post_id
        when accounts.platform = 'youtube'
            then 'https://www.youtube.com/watch?v=' || timeline.post_id
    end as link,
    timeline.created_at
from timeline
inner join {{ ref('int_incident_accounts') }} as accounts
    on
        timeline.account_id = accounts.account_id
        and timeline.source = accounts.source
        and timeline.incident_id = accounts.incident_id
inner join {{ ref('int_incident_names') }} as names
    on
        timeline.source = names.source
        and timeline.incident_id = names.incident_id
        and accounts.organisation_id = names.organisation_id
