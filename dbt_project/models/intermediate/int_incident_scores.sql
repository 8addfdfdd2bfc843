{{ config(meta={'distributed_by': 'account_id'}) }}
-- The weights of what was found add up to a score of the message by itself, between 0 and 1.
{% set evidence = ['has_term', 'has_alert', 'has_crisis_word', 'has_place', 'is_own_place',
                   'has_tag', 'is_soon', 'names_elsewhere', 'is_other_kind',
                   'has_contrary_word'] %}
with weighed as (
    select
        candidates.account_id,
        candidates.post_id,
        candidates.source,
        candidates.incident_id,
        sum(weights.weight) as weight
    from {{ ref('int_incident_candidates') }} as candidates
    cross join
        lateral (
            values
            {% for name in evidence %}
                ('{{ name }}', candidates.{{ name }}){{ ',' if not loop.last }}
            {% endfor %}
        ) as found (evidence, is_found)
    inner join {{ ref('incident_evidence') }} as weights
        on found.evidence = weights.evidence and found.is_found
    group by
        candidates.account_id, candidates.post_id, candidates.source, candidates.incident_id
),

weighted as (
    select
        candidates.*,
        case candidates.verdict
            when 'confirm' then 1
            when 'reject' then 0
            -- no evidence at all is a measured nothing
            else least(1.0, greatest(0.0, weighed.weight))
        end::double precision as own_score
    from {{ ref('int_incident_candidates') }} as candidates
    left join weighed
        on
            candidates.account_id = weighed.account_id
            and candidates.post_id = weighed.post_id
            and candidates.source = weighed.source
            and candidates.incident_id = weighed.incident_id
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
    {% for name in evidence %}{{ name }},
    {% endfor %}own_score,
    -- a thread is about what its first message is most about, not about all that it may be about
    case
        when row_number() over (
            partition by account_id, post_id
            order by own_score desc, alarmed_at desc, source asc, incident_id asc
        ) = 1 then own_score
    end as leading_score,
    alarmed_at,
    created_at
from weighted
