-- Beside the groups of int_group_members, whose sums are published and so protected against
-- subtraction: sets that cut across them (fct_peer_metric says what is shown of those).
with countries as (
    select
        as_of_on,
        organisation_type,
        count(distinct country) as countries,
        string_agg(distinct lower(country), '+' order by lower(country)) as code
    from {{ ref('int_organisations_at') }}
    group by as_of_on, organisation_type
),

common as (
    select
        organisations.as_of_on,
        organisations.organisation_id,
        organisations.organisation_type,
        classes.size_class,
        lower(organisations.country) as country_code,
        regions.region_code,
        case when countries.countries > 1 then countries.code end as both_code
    from {{ ref('int_organisations_at') }} as organisations
    inner join countries
        on
            organisations.as_of_on = countries.as_of_on
            and organisations.organisation_type = countries.organisation_type
    left join {{ ref('regions') }} as regions on organisations.region_code = regions.region_code
    inner join {{ ref('size_classes') }} as classes
        on
            classes.country is null
            and {{ valid_on('classes', 'organisations.as_of_on') }}
            and organisations.inhabitants >= classes.lower_inhabitants
            and (
                classes.upper_inhabitants is null
                or organisations.inhabitants <= classes.upper_inhabitants
            )
),

-- for a type that one country has, that country's own classes say enough
shared as (
    select
        concat(place.base, '-', common.organisation_type, place.part, '/common-', common.size_class)
            as group_id,
        common.organisation_id,
        common.as_of_on,
        'common_size' as group_kind,
        place.code as place_code,
        common.size_class,
        common.organisation_type
    from common
    cross join
        lateral (
            values
            (common.both_code, '', common.both_code),
            (common.country_code, '', common.country_code),
            (common.country_code, '/region-' || common.region_code, common.region_code)
        ) as place (base, part, code)
    where common.both_code is not null and place.part is not null
),

selected as (
    select
        'selection/' || picks.group_id as group_id,
        organisations.organisation_id,
        organisations.as_of_on,
        'selection' as group_kind
    from {{ ref('stg_register__peer_groups') }} as picks
    inner join {{ ref('int_organisations_at') }} as organisations
        on
            picks.organisation_id = organisations.organisation_id
            and {{ valid_on('picks', 'organisations.as_of_on') }}
)

select
    group_id,
    organisation_id,
    as_of_on,
    group_kind,
    null as owner_id,
    null::integer as place,
    null as basis,
    place_code,
    size_class,
    organisation_type
from shared
union all
select
    group_id,
    organisation_id,
    as_of_on,
    group_kind,
    null as owner_id,
    null::integer as place,
    null as basis,
    null as place_code,
    null as size_class,
    null as organisation_type
from selected
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
