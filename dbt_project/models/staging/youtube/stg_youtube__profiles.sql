-- YouTube rounds subscribers down to three digits. A channel that hides them has no count, whatever
-- stands in the field.
select
    account_id,
    payload ->> 'id' as platform_user_id,
    scan_on,
    observed_at,
    case
        when (payload #>> '{statistics,hiddenSubscriberCount}')::boolean is not true
            then (payload #>> '{statistics,subscriberCount}')::bigint
    end as followers,
    extraction_id
from {{ source('raw', 'youtube_profiles') }}
