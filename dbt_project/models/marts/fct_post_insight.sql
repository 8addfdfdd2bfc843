{{ config(meta={'distributed_by': 'account_id'}) }}
-- A post's part in each ratio of its owner's figures. Numerator and denominator come from one
-- reading, the first at the age at which all counters are read (the API's before a file's);
-- interactions that it does not tell are those of the post's own counters, read at most
-- reading_gap_days beside it.
with aged as (
    select
        readings.*,
        posts.platform,
        posts.created_on,
        case when platforms.has_reactions then readings.reactions else 0 end
        + case when platforms.has_comments then readings.comments else 0 end
        + case when platforms.has_shares then readings.shares else 0 end
        + case
            when not platforms.has_quotes then 0
            when platforms.is_quotes_optional and readings.quotes is null then 0
            else readings.quotes
        end as told_interactions,
        case
            when
                posts.counters_observed_at
                between readings.observed_at - interval '{{ var("reading_gap_days") * 24 }} hours'
                and readings.observed_at + interval '{{ var("reading_gap_days") * 24 }} hours'
                then posts.interactions
        end as counted_interactions
    from {{ ref('int_owner_readings') }} as readings
    inner join {{ ref('fct_post') }} as posts
        on
            readings.account_id = posts.account_id
            and readings.post_id = posts.post_id
            and posts.message_kind = 'original'
    inner join {{ ref('platforms') }} as platforms on posts.platform = platforms.platform
    where
        readings.observed_at
        >= posts.created_at + interval '{{ var("reading_age_days") * 24 }} hours'
),

-- what stands in the denominator's place before or after a break in the platform's counting
parts as (
    select
        aged.account_id,
        aged.post_id,
        aged.platform,
        aged.created_on,
        aged.reading_source,
        aged.observed_at,
        part.metric_id,
        part.metric_basis,
        case when part.is_told then part.numerator end::double precision as numerator,
        case when part.is_told then part.denominator end::double precision as denominator,
        not part.is_told as is_other_count
    from aged
    cross join
        lateral (
            select
                figure.*,
                figure.numerator is not null and figure.denominator is not null as is_told
            from (
                values
                (
                    'M13', 'unique_viewers',
                    coalesce(aged.told_interactions, aged.counted_interactions), aged.reach,
                    aged.impression_reach
                ),
                (
                    'M14', 'views',
                    coalesce(aged.told_interactions, aged.counted_interactions), aged.views,
                    aged.impressions
                ),
                (
                    'M14i', 'impressions',
                    coalesce(aged.told_interactions, aged.counted_interactions), aged.impressions,
                    aged.views
                ),
                ('M37', 'unique_viewers', aged.reach, 1, aged.impression_reach),
                ('M38', 'impressions', aged.link_clicks, aged.impressions, aged.views),
                ('M38a', 'impressions', aged.clicks, aged.impressions, aged.views),
                ('M38v', 'views', aged.link_clicks, aged.views, aged.impressions)
            ) as figure (metric_id, metric_basis, numerator, denominator, other_count)
            where
                (figure.numerator is not null and figure.denominator is not null)
                or (
                    figure.other_count is not null
                    and (figure.numerator is null) = (figure.metric_id = 'M37')
                )
        ) as part
)

select distinct on (parts.account_id, parts.post_id, parts.metric_id)
    parts.account_id,
    parts.post_id,
    parts.metric_id,
    parts.metric_basis,
    parts.created_on,
    parts.numerator,
    parts.denominator,
    parts.is_other_count,
    parts.reading_source,
    parts.observed_at
from parts
inner join {{ ref('metric_platforms') }} as pairs
    on parts.metric_id = pairs.metric_id and parts.platform = pairs.platform
where pairs.is_applicable
order by
    parts.account_id, parts.post_id, parts.metric_id, parts.is_other_count,
    parts.reading_source = 'api' desc, parts.observed_at
