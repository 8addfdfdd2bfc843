-- What vendors do differently travels with every figure as its parameters.
with parameter_sets (parameter_set, parameters) as (
    values
    ('activity', jsonb_build_object('active_days', {{ var("active_days") }})),
    ('engagement', jsonb_build_object(
        'reading_age_days', {{ var("reading_age_days") }},
        'follower_reading_max_age_days', {{ var("follower_reading_max_age_days") }}
    )),
    ('response', jsonb_build_object(
        'clock', '{{ var("clock") }}',
        'window_hours', {{ var("window_hours") }},
        'question_rules', '{{ var("question_rules") }}'
    ))
)

select
    metrics.metric_id,
    metrics.base_metric_id,
    metrics.name_nl,
    metrics.name_en,
    metrics.unit,
    metrics.direction,
    metrics.tier,
    metrics.basis,
    metrics.headline,
    metrics.scale,
    metrics.definition_version,
    metrics.is_group_only,
    coalesce(parameter_sets.parameters, '{}'::jsonb)
    || jsonb_build_object('aggregation', metrics.aggregation) as parameters
from {{ ref('metrics') }} as metrics
left join parameter_sets on metrics.parameter_set = parameter_sets.parameter_set
