-- Names are those of the latest day on which the set had members.
with latest as (
    select distinct on (group_id)
        group_id,
        as_of_on,
        group_kind,
        owner_id,
        basis,
        place_code,
        size_class,
        organisation_type
    from {{ ref('int_peer_members') }}
    order by group_id, as_of_on desc, organisation_id
),

counted as (
    select
        members.group_id,
        count(*)::text as n
    from {{ ref('int_peer_members') }} as members
    inner join latest
        on members.group_id = latest.group_id and members.as_of_on = latest.as_of_on
    group by members.group_id
),

selections as (
    select
        'selection/' || group_id as group_id,
        min(name_nl) as name_nl,
        min(name_fr) as name_fr,
        min(name_en) as name_en,
        min(name_de) as name_de
    from {{ ref('stg_register__peer_groups') }}
    group by group_id
),

classes as (
    select *
    from {{ ref('size_classes') }}
    where country is null and valid_to is null
)

select
    latest.group_id,
    latest.group_kind,
    latest.owner_id,
    latest.organisation_type,
    latest.basis,
    {{ peer_set_name('nl') }} as name_nl,
    {{ peer_set_name('fr') }} as name_fr,
    {{ peer_set_name('en') }} as name_en,
    {{ peer_set_name('de') }} as name_de
from latest
inner join counted on latest.group_id = counted.group_id
left join {{ ref('peer_names') }} as types on latest.organisation_type = types.code
left join {{ ref('peer_names') }} as places on latest.place_code = places.code
left join classes on latest.size_class = classes.size_class
left join selections on latest.group_id = selections.group_id
left join {{ ref('int_organisations_at') }} as owners
    on latest.owner_id = owners.organisation_id and latest.as_of_on = owners.as_of_on
