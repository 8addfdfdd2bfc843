-- What changed in a group since the same period a year before, and why: the four parts add up to the
-- whole. Told where enough bodies can be compared; for members, who see each body anyway.
with scenarios as (
    select
        group_id,
        platform,
        metric_id,
        period_kind,
        period_start,
        max(value) filter (where scenario = 'before') as before_value,
        max(value) filter (where scenario = 'before_on_map') as before_on_map,
        max(value) filter (where scenario = 'before_stayed') as before_stayed,
        max(value) filter (where scenario = 'before_compared') as before_compared,
        max(value) filter (where scenario = 'now_compared') as now_compared,
        max(value) filter (where scenario = 'now_stayed') as now_stayed,
        max(value) filter (where scenario = 'now') as value,
        greatest(0, max(n) filter (where scenario = 'before')) as before_n,
        greatest(0, max(n) filter (where scenario = 'before_on_map')) as before_on_map_n,
        greatest(0, max(n) filter (where scenario = 'now_stayed')) as stayed_n,
        greatest(0, max(n) filter (where scenario = 'now_compared')) as compared_n,
        greatest(0, max(n) filter (where scenario = 'now')) as n
    from {{ ref('fct_change_scenario') }}
    group by group_id, platform, metric_id, period_kind, period_start
)

select
    scenarios.group_id,
    scenarios.platform,
    scenarios.metric_id,
    scenarios.period_kind,
    scenarios.period_start,
    scenarios.value,
    scenarios.before_value,
    scenarios.n,
    scenarios.before_n,
    scenarios.compared_n,
    scenarios.n - scenarios.stayed_n as entered_n,
    scenarios.before_on_map_n - scenarios.stayed_n as left_n,
    scenarios.before_n - scenarios.before_on_map_n as merged_away_n,
    moves.n_up,
    moves.n_down,
    scenarios.value - scenarios.before_value as change,
    scenarios.now_compared - scenarios.before_compared as real_change,
    (scenarios.before_stayed - scenarios.before_on_map)
    + (scenarios.value - scenarios.now_stayed) as composition_change,
    scenarios.before_on_map - scenarios.before_value as merger_change,
    (scenarios.now_stayed - scenarios.before_stayed)
    - (scenarios.now_compared - scenarios.before_compared) as definition_change,
    -- a sign test with continuity correction (of shares it is McNemar's): could as many of those that
    -- moved have gone one way by chance?
    case
        when moves.n_up = 0 and moves.n_down = 0 then 'same'
        when abs(moves.n_up - moves.n_down) - 1 <= 1.96 * sqrt(moves.n_up + moves.n_down)
            then 'not_distinguishable'
        when moves.n_up > moves.n_down then 'higher'
        else 'lower'
    end as verdict,
    moves.is_synthetic
from scenarios
inner join {{ ref('fct_change_move') }} as moves
    on
        scenarios.group_id = moves.group_id
        and scenarios.platform = moves.platform
        and scenarios.metric_id = moves.metric_id
        and scenarios.period_kind = moves.period_kind
        and scenarios.period_start = moves.period_start
where
    scenarios.compared_n >= {{ var("minimum_group_size") }}
    and scenarios.before_n >= {{ var("minimum_group_size") }}
    and scenarios.n >= {{ var("minimum_group_size") }}
