{{ config(meta={'distributed_by': 'account_id'}) }}
select distinct on (posts.account_id, posts.post_id)
    posts.account_id,
    posts.post_id,
    -- A counter that the platform has but did not give makes the sum unknown; one that it does not
    -- have is no part of the sum. Quotes may be a matter of the server's version.
    case when platforms.has_reactions then posts.reactions else 0 end
    + case when platforms.has_comments then posts.comments else 0 end
    + case when platforms.has_shares then posts.shares else 0 end
    + case
        when not platforms.has_quotes then 0
        when platforms.is_quotes_optional and posts.quotes is null then 0
        else posts.quotes
    end as interactions,
    posts.observed_at
from {{ ref('int_posts') }} as posts
inner join {{ ref('platforms') }} as platforms on posts.platform = platforms.platform
where posts.observed_at >= posts.created_at + interval '{{ var("reading_age_days") * 24 }} hours'
order by posts.account_id, posts.post_id, posts.observed_at
