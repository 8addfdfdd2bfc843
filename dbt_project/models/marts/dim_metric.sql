select
    metric_id,
    base_metric_id,
    name_nl,
    name_en,
    unit,
    direction,
    tier,
    basis,
    headline,
    scale,
    definition_version,
    is_group_only,
    -- what vendors do differently travels with every figure
    case parameter_set
        when 'activity' then jsonb_build_object('active_days', {{ var("active_days") }})
        when 'engagement' then jsonb_build_object(
            'reading_age_days', {{ var("reading_age_days") }},
            'follower_reading_max_age_days', {{ var("follower_reading_max_age_days") }}
        )
        when 'response' then jsonb_build_object(
            'clock', '{{ var("clock") }}',
            'window_hours', {{ var("window_hours") }},
            'question_rules', '{{ var("question_rules") }}'
        )
        else '{}'::jsonb
    end || jsonb_build_object('aggregation', aggregation) as parameters
from {{ ref('metrics') }}
