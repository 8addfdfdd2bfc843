select
    group_id,
    organisation_id,
    as_of_on
from {{ ref('int_group_members') }}
