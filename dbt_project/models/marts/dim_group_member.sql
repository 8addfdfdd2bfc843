{{ config(
    materialized='growing',
    indexes=[{'columns': ['organisation_id', 'as_of_on']}],
    meta={'open': {'kind': 'date', 'date': 'as_of_on'}}
) }}
select
    group_id,
    organisation_id,
    as_of_on
from {{ ref('int_group_members') }}
where {{ open('date', 'as_of_on') }}
