{{ config(
    materialized='growing',
    indexes=[{'columns': ['block_id']}],
    meta={'open': {'kind': 'block', 'date': 'quarter_start'}}
) }}
-- The smallest pieces that the groups are made of: who shares region, province and size class. Each
-- group is a sum of them, and so is what follows from published groups.
with places as (
    select
        organisation_id,
        as_of_on,
        max(group_id) filter (where group_kind = 'type') as type_group_id,
        max(group_id) filter (where group_kind = 'region') as region_group_id,
        max(group_id) filter (where group_kind = 'province') as province_group_id,
        max(group_id) filter (where group_kind = 'size_class') as size_group_id
    from {{ ref('int_group_members') }}
    group by organisation_id, as_of_on
)

select
    concat_ws('|', places.type_group_id, amounts.platform, amounts.family, amounts.quarter_start)
        as block_id,
    amounts.platform,
    amounts.family,
    amounts.quarter_start,
    amounts.metric_id,
    amounts.definition_id,
    amounts.period_kind,
    amounts.period_start,
    amounts.is_public,
    concat_ws(
        '|', amounts.metric_id, amounts.definition_id, amounts.period_kind, amounts.period_start
    ) as layer,
    amounts.measure,
    places.type_group_id,
    places.region_group_id,
    places.province_group_id,
    places.size_group_id,
    amounts.is_bounded,
    count(*) as n,
    sum(amounts.amount order by amounts.organisation_id) as total,
    (array_agg(amounts.amount order by amounts.amount desc))[1] as largest,
    (array_agg(amounts.amount order by amounts.amount desc))[2] as runner_up
from {{ ref('fct_contribution') }} as amounts
inner join places
    on amounts.organisation_id = places.organisation_id and amounts.as_of_on = places.as_of_on
where {{ open('block', 'amounts.period_start', 'amounts') }}
group by
    places.type_group_id, places.region_group_id, places.province_group_id, places.size_group_id,
    amounts.platform, amounts.family, amounts.quarter_start, amounts.metric_id,
    amounts.definition_id, amounts.period_kind, amounts.period_start, amounts.is_public,
    amounts.measure, amounts.is_bounded
