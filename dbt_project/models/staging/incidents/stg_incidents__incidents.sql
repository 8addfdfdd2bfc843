select
    source,
    incident_id,
    -- a log may give a point and no municipality
    nullif(organisation_id, '') as organisation_id,
    country,
    kind as incident_kind,
    scale_system,
    scale as scale_name,
    scale_level,
    has_large_impact,
    latitude,
    longitude,
    alarmed_at
from {{ source('inputs', 'incidents') }}
