{{ config(meta={'distributed_by': 'account_id'}) }}
-- A reading is one answer or one export file: what is divided by something should be of the same one.
-- Names are ours (platform_metrics.csv); files carry them already.
with answers as (
    {{ union_platforms('insights', [
        'account_id', 'post_id', 'metric_name', 'period', 'value', 'scan_on', 'observed_at'
    ]) }}
),

told as (
    select
        answers.account_id,
        answers.post_id,
        'api' as reading_source,
        answers.scan_on as read_on,
        answers.observed_at,
        metrics.canonical_name,
        answers.value
    from answers
    inner join {{ ref('platform_metrics') }} as metrics
        on
            answers.platform = metrics.platform
            and metrics.level = 'post'
            and answers.metric_name = metrics.metric_name
            and answers.period = metrics.period
            and {{ valid_on('metrics', 'answers.scan_on') }}
    where answers.post_id is not null and answers.period = 'lifetime'
    {%- for platform in var("platforms_with_viewed_posts") %}
        union all
        -- read with the owner's token only: views come with the other counters of a post
        select
            account_id,
            post_id,
            'api' as reading_source,
            scan_on as read_on,
            observed_at,
            'views' as canonical_name,
            views as value
        from {{ ref("stg_" ~ platform ~ "__posts") }}
    {%- endfor %}
    union all
    select
        account_id,
        post_id,
        'file' as reading_source,
        observed_on as read_on,
        (observed_on + 1)::timestamp at time zone '{{ var("local_zone") }}' as observed_at,
        metric_name as canonical_name,
        value
    from {{ ref('stg_exports__insights') }}
    where post_id is not null and period = 'lifetime'
)

select
    account_id,
    post_id,
    reading_source,
    read_on,
    max(observed_at) as observed_at,
    max(value) filter (where canonical_name = 'reach') as reach,
    max(value) filter (where canonical_name = 'impression_reach') as impression_reach,
    max(value) filter (where canonical_name = 'views') as views,
    max(value) filter (where canonical_name = 'impressions') as impressions,
    max(value) filter (where canonical_name = 'clicks') as clicks,
    max(value) filter (where canonical_name = 'link_clicks') as link_clicks,
    -- two names of one thing: reactions on Facebook, likes elsewhere
    max(value) filter (where canonical_name in ('reactions', 'likes')) as reactions,
    max(value) filter (where canonical_name = 'comments') as comments,
    max(value) filter (where canonical_name = 'shares') as shares,
    max(value) filter (where canonical_name = 'quotes') as quotes
from told
where value is not null
group by account_id, post_id, reading_source, read_on
