-- Beside the groups of int_group_members, whose sums are published and so protected against
-- subtraction: sets that cut across them (fct_peer_metric says what is shown of those).
select
    group_id,
    organisation_id,
    as_of_on,
    'common_size' as group_kind,
    null as owner_id,
    null::integer as place,
    null as basis,
    place_code,
    size_class,
    organisation_type
from {{ ref('int_peer_common') }}
union all
select
    'selection/' || picks.group_id as group_id,
    organisations.organisation_id,
    organisations.as_of_on,
    'selection' as group_kind,
    null as owner_id,
    null::integer as place,
    null as basis,
    null as place_code,
    null as size_class,
    null as organisation_type
from {{ ref('stg_register__peer_groups') }} as picks
inner join {{ ref('int_organisations_at') }} as organisations
    on
        picks.organisation_id = organisations.organisation_id
        and {{ valid_on('picks', 'organisations.as_of_on') }}
union all
select
    concat(neighbours.organisation_id, '/', replace(neighbours.group_kind, '_', '-')) as group_id,
    neighbours.peer_id as organisation_id,
    neighbours.as_of_on,
    neighbours.group_kind,
    neighbours.organisation_id as owner_id,
    neighbours.place,
    neighbours.basis,
    null as place_code,
    null as size_class,
    owners.organisation_type
from {{ ref('int_peer_neighbours') }} as neighbours
inner join {{ ref('int_organisations_at') }} as owners
    on
        neighbours.organisation_id = owners.organisation_id
        and neighbours.as_of_on = owners.as_of_on
union all
select
    alike.organisation_id || '/similar' as group_id,
    alike.peer_id as organisation_id,
    alike.as_of_on,
    'similar' as group_kind,
    alike.organisation_id as owner_id,
    alike.place,
    'variables' as basis,
    null as place_code,
    null as size_class,
    owners.organisation_type
from {{ ref('int_peer_similar') }} as alike
inner join {{ ref('int_organisations_at') }} as owners
    on alike.organisation_id = owners.organisation_id and alike.as_of_on = owners.as_of_on
