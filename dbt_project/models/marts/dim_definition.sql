-- Ours, and beside it the vendors' definitions that a figure is also computed under.
select
    metric_id,
    'klankbord' as definition_id,
    definition_version,
    parameters
from {{ ref('dim_metric') }}
