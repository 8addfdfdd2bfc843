# ruff: noqa: S608  (names and expressions of our own)
"""What a full rebuild is measured by: raw rows as columns, one `create table as` a stream."""

#: stream -> platform -> what its payload says, as columns
FLAT = {
    "posts": {
        "facebook": "(payload ->> 'created_time')::timestamptz, (payload #>>"
        " '{reactions,summary,total_count}')::bigint,"
        " (payload #>> '{comments,summary,total_count}')::bigint,"
        " (payload #>> '{shares,count}')::bigint, null::bigint, null::text",
        "x": "(payload ->> 'created_at')::timestamptz, (payload #>> '{public_metrics,like_count}')"
        "::bigint, (payload #>> '{public_metrics,reply_count}')::bigint, (payload #>>"
        " '{public_metrics,repost_count}')::bigint, (payload #>> '{public_metrics,quote_count}')"
        "::bigint, payload #>> '{referenced_posts,0,id}'",
        "mastodon": "(payload ->> 'created_at')::timestamptz, (payload ->> 'favourites_count')"
        "::bigint, (payload ->> 'replies_count')::bigint, (payload ->> 'reblogs_count')::bigint,"
        " null::bigint, payload ->> 'in_reply_to_id'",
        "bluesky": "(payload #>> '{post,record,createdAt}')::timestamptz, (payload #>>"
        " '{post,likeCount}')::bigint, (payload #>> '{post,replyCount}')::bigint, (payload #>>"
        " '{post,repostCount}')::bigint, (payload #>> '{post,quoteCount}')::bigint,"
        " payload #>> '{post,record,reply,parent,uri}'",
    },
    "messages": {
        "facebook": "(payload ->> 'created_time')::timestamptz, payload ->> 'post_id'",
        "x": "(payload ->> 'created_at')::timestamptz, payload #>> '{referenced_posts,0,id}'",
        "mastodon": "(payload ->> 'created_at')::timestamptz, payload ->> 'in_reply_to_id'",
        "bluesky": "(payload #>> '{post,record,createdAt}')::timestamptz,"
        " payload #>> '{post,record,reply,parent,uri}'",
    },
    "profiles": {
        "facebook": "(payload ->> 'followers_count')::bigint",
        "x": "(payload #>> '{public_metrics,followers_count}')::bigint",
        "mastodon": "(payload ->> 'followers_count')::bigint",
        "bluesky": "(payload ->> 'followersCount')::bigint",
    },
}
_NAMES = {
    "posts": "created_at, reactions, comments, shares, quotes, in_reply_to_id",
    "messages": "created_at, in_reply_to_id, is_own, is_question, text_length",
    "profiles": "followers",
}


def flatten(stream: str, target: str) -> str:
    """`create table as` over all platforms' rows of a stream."""
    said = (
        ", (payload #>> '{klankbord,is_own}')::boolean, (payload #>> '{klankbord,is_question}')"
        "::boolean, (payload #>> '{klankbord,text_length}')::integer"
    )
    selects = " union all ".join(
        f"select '{platform}'::text, account_id, item_id, scan_on, observed_at, extraction_id,"
        f" {columns}{said if stream == 'messages' else ''} from raw.{platform}_{stream}"
        for platform, columns in FLAT[stream].items()
    )
    names = f"platform, account_id, item_id, scan_on, observed_at, extraction_id, {_NAMES[stream]}"
    return f"create table {target} ({names}) as {selects}"
