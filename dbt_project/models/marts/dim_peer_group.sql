with found as (
    select distinct
        group_id,
        group_kind,
        group_code,
        country,
        organisation_type
    from {{ ref('int_group_members') }}
),

types as (
    select
        *,
        upper(left(name_plural_nl, 1)) || substr(name_plural_nl, 2) as plural_nl,
        upper(left(name_plural_en, 1)) || substr(name_plural_en, 2) as plural_en
    from {{ ref('organisation_types') }}
)

select
    found.group_id,
    found.group_kind,
    case found.group_kind
        when 'type' then concat_ws(' ', types.plural_nl, 'in', countries.name_nl)
        when 'region' then concat_ws(' ', types.plural_nl, 'in', regions.name_nl)
        when 'province' then concat_ws(' ', types.plural_nl, 'in de provincie', provinces.name_nl)
        when 'size_class'
            then concat_ws(' ', countries.adjective_nl, types.name_plural_nl, classes.name_nl)
    end as name_nl,
    case found.group_kind
        when 'type' then concat_ws(' ', types.plural_en, 'in', countries.name_en)
        when 'region' then concat_ws(' ', types.plural_en, 'in', regions.name_en)
        when 'province'
            then concat_ws(' ', types.plural_en, 'in the province of', provinces.name_en)
        when 'size_class'
            then concat_ws(' ', countries.adjective_en, types.name_plural_en, classes.name_en)
    end as name_en,
    found.country,
    found.organisation_type
from found
inner join types on found.organisation_type = types.organisation_type
inner join {{ ref('countries') }} as countries on found.country = countries.country
left join {{ ref('regions') }} as regions on found.group_code = regions.region_code
left join {{ ref('provinces') }} as provinces on found.group_code = provinces.province_code
left join {{ ref('size_classes') }} as classes
    on
        found.group_code = classes.size_class
        and found.country = classes.country
        -- a class has one name, whatever limits it had before
        and classes.is_default is not false
        and classes.valid_to is null
