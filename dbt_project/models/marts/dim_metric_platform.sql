select
    pairs.metric_id,
    pairs.platform,
    pairs.is_applicable,
    pairs.reason_code,
    reasons.reason_nl,
    reasons.reason_fr,
    reasons.reason_en,
    reasons.reason_de
from {{ ref('metric_platforms') }} as pairs
left join {{ ref('reasons') }} as reasons on pairs.reason_code = reasons.reason_code
