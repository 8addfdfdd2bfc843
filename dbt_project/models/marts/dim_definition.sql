-- Ours, and beside it the vendors' definitions that a figure is also computed under.
select
    metric_id,
    'klankbord' as definition_id,
    definition_version,
    parameters
from {{ ref('dim_metric') }}
union all
select
    theirs.metric_id,
    theirs.definition_id,
    metrics.definition_version,
    metrics.parameters || theirs.parameters as parameters
from {{ ref('metric_definitions') }} as theirs
inner join {{ ref('dim_metric') }} as metrics on theirs.metric_id = metrics.metric_id
