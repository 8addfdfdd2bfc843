-- A text is judged before landing (klankbord.incidents.words). Most posts say nothing of incidents; of
-- a post that was edited, the latest reading holds (int_incident_candidates).
with readings as (
    {%- for platform in var("platforms_with_posts") %}
        select
            '{{ platform }}'::text as platform,
            account_id,
            item_id as post_id,
            scan_on,
            observed_at,
            payload #> '{klankbord,incident}' as found
        from {{ source('raw', platform ~ '_posts') }}
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select
    account_id,
    post_id,
    platform,
    scan_on,
    found is not null as has_incident,
    array(select jsonb_array_elements_text(found -> 'kinds')) as kinds,
    array(select jsonb_array_elements_text(found -> 'tag_kinds')) as tag_kinds,
    array(select jsonb_array_elements_text(found -> 'places')) as places,
    array(select jsonb_array_elements_text(found -> 'tag_places')) as tag_places,
    (found ->> 'is_alert')::boolean as is_alert,
    (found ->> 'is_contrary')::boolean as is_contrary,
    found ->> 'rules_version' as rules_version,
    observed_at
from readings
