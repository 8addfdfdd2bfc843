{{ config(meta={'distributed_by': 'account_id'}) }}
-- What continues a matching thread belongs to it, six messages deep. A message is about one incident,
-- the one with the best score (of equals the latest alarm), unless a person decided: that outvotes
-- everything.
{% set evidence = ['has_term', 'has_alert', 'has_crisis_word', 'has_place', 'is_own_place',
                   'has_tag', 'is_soon', 'names_elsewhere', 'is_other_kind',
                   'has_contrary_word'] %}
{% set steps = ['up_1', 'up_2', 'up_3', 'up_4', 'up_5', 'up_6'] %}
with thread as (
    select weight
    from {{ ref('incident_evidence') }}
    where evidence = 'is_in_thread'
),

threaded as (
    select
        own.*,
        coalesce(
            own.message_kind = 'continuation'
            and greatest(
                {% for step in steps %}
                    {{ step }}.leading_score{{ ',' if not loop.last }}
                {% endfor %}
            ) >= {{ var('crisis_probable_score') }},
            false
        ) as is_in_thread
    from {{ ref('int_incident_scores') }} as own
    {% for step in steps %}
        {% set below = 'own' if loop.first else loop.previtem %}
        left join {{ ref('int_incident_scores') }} as {{ step }}
            on
                {{ below }}.account_id = {{ step }}.account_id
                and {{ below }}.in_reply_to_id = {{ step }}.post_id
                and {{ below }}.source = {{ step }}.source
                and {{ below }}.incident_id = {{ step }}.incident_id
    {% endfor %}
),

scored as (
    select
        threaded.*,
        case
            when threaded.verdict is null and threaded.is_in_thread
                then least(1, round((threaded.own_score + thread.weight)::numeric, 2))
            else round(threaded.own_score::numeric, 2)
        end as score
    from threaded
    cross join thread
),

ranked as (
    select
        *,
        row_number() over (
            partition by account_id, post_id
            order by score desc, alarmed_at desc, source asc, incident_id asc
        ) as place
    from scored
)

select
    account_id,
    post_id,
    source,
    incident_id,
    organisation_id,
    message_kind,
    verdict,
    score::double precision as score,
    round((score * area_confidence)::numeric, 2)::double precision as confidence,
    case
        when verdict = 'confirm' then 'confirmed'
        when verdict = 'reject' then 'rejected'
        when score < {{ var('crisis_probable_score') }} then 'unlikely'
        when place > 1 then 'other_incident'
        when score >= {{ var('crisis_certain_score') }} then 'certain'
        else 'probable'
    end as match_level,
    is_in_thread,
    {% for name in evidence %}{{ name }},
    {% endfor %}created_at
from ranked
