{{ config(meta={'distributed_by': 'account_id'}) }}
-- What a platform does not have is nothing, whatever a payload says.
with aged as (
    select distinct on (posts.account_id, posts.post_id)
        posts.account_id,
        posts.post_id,
        case when platforms.has_reactions then posts.reactions end as reactions,
        case when platforms.has_comments then posts.comments end as comments,
        case when platforms.has_shares then posts.shares end as shares,
        case when platforms.has_quotes then posts.quotes end as quotes,
        platforms.has_reactions,
        platforms.has_comments,
        platforms.has_shares,
        platforms.has_quotes,
        platforms.is_quotes_optional,
        posts.observed_at
    from {{ ref('int_posts') }} as posts
    inner join {{ ref('platforms') }} as platforms on posts.platform = platforms.platform
    where
        posts.observed_at
        >= posts.created_at + interval '{{ var("reading_age_days") * 24 }} hours'
    order by posts.account_id, posts.post_id, posts.observed_at
)

select
    account_id,
    post_id,
    reactions,
    comments,
    shares,
    -- A counter that the platform has but did not give makes the sum unknown; one that it does not
    -- have is no part of the sum. Quotes may be a matter of the server's version.
    case when has_reactions then reactions else 0 end
    + case when has_comments then comments else 0 end
    + case when has_shares then shares else 0 end
    + case
        when not has_quotes then 0
        when is_quotes_optional and quotes is null then 0
        else quotes
    end as interactions,
    observed_at
from aged
