select
    target_id,
    organisation_id,
    metric_id,
    platform,
    segment,
    kind,
    direction,
    target_value,
    unit,
    denominator,
    baseline_value,
    baseline_date as baseline_on,
    due_date as due_on
from {{ source('register', 'targets') }}
where superseded_at is null
