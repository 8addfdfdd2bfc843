"""Payloads of a long history as SQL over columns: an own post, a message and a profile of each
platform. What no model reads of a payload is left out.
"""

#: what privacy adds to an own item, and to a message
_OWN = "'klankbord', jsonb_build_object('author', 'own', 'is_own', true, 'text_length', 120)"
_SAID = (
    "'klankbord', jsonb_build_object('author', case when is_own then 'own' else md5(parent || n)"
    " end, 'is_own', is_own, 'is_question', is_question, 'text_length', 80, 'rules_version', 'q2')"
)
#: of id, account_id, created_at, parent, likes, answers
POST = {
    "facebook": "jsonb_build_object('id', id, 'created_time', created_at, 'reactions',"
    " jsonb_build_object('summary', jsonb_build_object('total_count', likes)), 'comments',"
    " jsonb_build_object('summary', jsonb_build_object('total_count', answers)), 'shares',"
    f" jsonb_build_object('count', likes / 5), {_OWN})",
    "x": "jsonb_build_object('id', id, 'created_at', created_at, 'author_id', account_id,"
    " 'in_reply_to_user_id', case when parent is not null then 'somebody' end, 'public_metrics',"
    " jsonb_build_object('like_count', likes, 'reply_count', answers, 'repost_count', likes / 5,"
    " 'quote_count', likes / 9, 'impression_count', likes * 40), 'referenced_posts', case when"
    " parent is not null then jsonb_build_array(jsonb_build_object('type', 'replied_to', 'id',"
    f" parent)) end, {_OWN})",
    "mastodon": "jsonb_build_object('id', id, 'created_at', created_at, 'in_reply_to_id', parent,"
    " 'in_reply_to_account_id', case when parent is not null then 'somebody' end, 'account',"
    " jsonb_build_object('id', account_id), 'favourites_count', likes, 'replies_count', answers,"
    f" 'reblogs_count', likes / 5, {_OWN})",
    "bluesky": "jsonb_build_object('post', jsonb_build_object('uri', id, 'record',"
    " jsonb_build_object('createdAt', created_at, 'reply', case when parent is not null then"
    " jsonb_build_object('parent', jsonb_build_object('uri', parent)) end), 'likeCount', likes,"
    f" 'replyCount', answers, 'repostCount', likes / 5, 'quoteCount', likes / 9), {_OWN})",
}
#: of id, account_id, created_at, parent, n, is_own, is_question
MESSAGE = {
    "facebook": "jsonb_build_object('id', id, 'created_time', created_at, 'post_id', parent,"
    f" {_SAID})",
    "x": "jsonb_build_object('id', id, 'created_at', created_at, 'referenced_posts',"
    " jsonb_build_array(jsonb_build_object('type', 'replied_to', 'id', parent)),"
    f" {_SAID})",
    "mastodon": "jsonb_build_object('id', id, 'created_at', created_at, 'in_reply_to_id', parent,"
    f" {_SAID})",
    "bluesky": "jsonb_build_object('post', jsonb_build_object('uri', id, 'record',"
    " jsonb_build_object('createdAt', created_at, 'reply', jsonb_build_object('parent',"
    f" jsonb_build_object('uri', parent)))), {_SAID})",
}
#: of account_id, followers
PROFILE = {
    "facebook": "jsonb_build_object('id', account_id, 'followers_count', followers)",
    "x": "jsonb_build_object('id', account_id, 'public_metrics',"
    " jsonb_build_object('followers_count', followers))",
    "mastodon": "jsonb_build_object('id', account_id, 'followers_count', followers)",
    "bluesky": "jsonb_build_object('did', account_id, 'followersCount', followers)",
}
#: an id: of an own post (p) or answer (a), or of a citizen's message (m)
ID = {
    "bluesky": "'at://' || {who} || '/app.bsky.feed.post/' || {kind} || {n}",
    **{name: "account_id || '/' || {kind} || {n}" for name in ("facebook", "x", "mastodon")},
}
