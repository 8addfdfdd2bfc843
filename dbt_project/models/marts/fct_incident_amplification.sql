with channels as (
    {% for platform in var("platforms_with_references") %}
        select '{{ platform }}'::text as platform
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

partners as (
    select
        source,
        incident_id,
        platform,
        count(*) as partners,
        count(*) filter (where has_repeated) as amplifying_partners
    from {{ ref('int_incident_partners') }}
    group by source, incident_id, platform
)

select
    places.source,
    places.incident_id,
    channels.platform,
    firsts.organisation_id as first_organisation_id,
    partners.partners,
    partners.amplifying_partners,
    partners.amplifying_partners::double precision / partners.partners as amplification_share,
    case
        when firsts.organisation_id is null then 'no_message'
        when partners.partners is null then 'no_partner'
    end as missing_reason,
    firsts.first_message_at
from {{ ref('int_incident_places') }} as places
cross join channels
left join {{ ref('int_incident_firsts') }} as firsts
    on
        places.source = firsts.source
        and places.incident_id = firsts.incident_id
        and channels.platform = firsts.platform
left join partners
    on
        places.source = partners.source
        and places.incident_id = partners.incident_id
        and channels.platform = partners.platform
