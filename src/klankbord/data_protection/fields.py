"""Why each field of a platform's answer is stored. A new field needs a line here, or a test fails.

A `Purpose` names paths as in `FieldRules` (`a.b`, `a[].b`); `*` stands for anything. Platforms that
call one thing by the same name share a line; `where` ("instagram/posts") narrows one down.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from klankbord.data_protection.ages import Age


@dataclass(frozen=True, slots=True)
class Purpose:
    """paths: separated by blanks. what, why: half a sentence each. keep: the age of it in an
    organisation's own items; keep_citizen: in a citizen's."""

    paths: str
    what: str
    why: str
    where: str = "*"
    keep: Age = "figures"
    keep_citizen: Age = "figures"


#: The first line that fits holds, so a narrow one comes before a wide one.
PURPOSES: tuple[Purpose, ...] = (
    Purpose(
        "object object_id metric period end_time value",
        "a figure that only the account's owner sees: reach, views, clicks",
        "reach and clicks per post (T3 metrics)",
        where="*/insights",
        keep="consent",
    ),
    Purpose(
        "user_likes",
        "whether the page itself likes a citizen's message, as its own token is told",
        "M27: what the organisation does with what is said to it",
        where="facebook/messages",
        keep_citizen="consent",
    ),
    Purpose(
        "klankbord.author",
        "`own`, or the keyed pseudonym of the author",
        "an own answer is told from a citizen's; the same person can be erased",
        keep_citizen="author",
    ),
    Purpose("klankbord.is_own", "whether the organisation said it", "M21, M22, M26 to M30"),
    Purpose("klankbord.is_question", "whether a rule saw a question in it", "M26 to M30"),
    Purpose(
        "klankbord.questions",
        "what older rules for questions said, where they said otherwise",
        "a figure computed anew under those rules",
    ),
    Purpose("klankbord.text_length", "length of the text, which is not kept", "kind of message"),
    Purpose(
        "klankbord.hashtags",
        "hashtags of the text, which is not kept",
        "themes of a period",
        keep_citizen="author",
    ),
    Purpose("klankbord.rules_version", "version of the rules that judged", "reproducing a figure"),
    Purpose(
        "klankbord.incident",
        "kinds of incident and municipalities that an own text names",
        "whose message about an incident came when (M34 to M36)",
    ),
    Purpose("klankbord.stripped", "how much retention took away: 1 author, 2 id", "retention"),
    Purpose(
        "text post.record.text caption",
        "own text, mentions blanked",
        "themes and readability of an organisation's own posts",
        keep="text",
    ),
    Purpose(
        "in_reply_to_id in_reply_to_user_id in_reply_to_account_id parent.id parent_id"
        " snippet.parentId parentComment post.record.reply.parent.uri post.record.reply.root.uri"
        " conversation_id referenced_posts[].id referenced_tweets[].id reblog.id"
        " reshareContext.parent replied_to.id root_post.id",
        "what it answers or repeats; a person in it is a pseudonym",
        "replies told from own posts (M21, M22); response times (M26 to M30)",
        keep="author",
        keep_citizen="message",
    ),
    Purpose(
        "referenced_posts[].type referenced_tweets[].type reason.$type is_quote_post"
        " replied_to_own",
        "whether it answers, quotes or repeats",
        "kind of message",
    ),
    Purpose(
        "id did open_id post.uri commentUrn post_id media_id account.id author_id",
        "the platform's id of the item, of its post or of the account",
        "one row an item; a reading is compared with the one before",
        keep_citizen="message",
    ),
    Purpose(
        "username handle acct snippet.customUrl moved.acct",
        "the account's name",
        "an account that was renamed, moved or taken over is noticed",
        where="*/profiles",
    ),
    Purpose(
        "created_at created_time create_time timestamp createdAt publishedAt created.time"
        " snippet.publishedAt post.record.createdAt post.indexedAt reason.indexedAt edited_at"
        " last_status_at",
        "when it was made, changed or shown",
        "days and months of every metric; response times",
    ),
    Purpose(
        "followers followers_count follower_count followersCount fan_count followsCount"
        " statistics.subscriberCount statistics.hiddenSubscriberCount counted_by",
        "size of the audience, and how it was counted",
        "M05, M06, M11",
        where="*/profiles",
    ),
    Purpose(
        "postsCount statuses_count media_count video_count likes_count statistics.videoCount"
        " statistics.viewCount public_metrics",
        "totals of the account",
        "a shrunken answer is noticed",
        where="*/profiles",
    ),
    Purpose(
        "insights.* has_replies *_count *Count *.total_count shares.count public_metrics"
        " contentAnalytics.REPOSTS"
        " socialMetadata.commentSummary.count socialMetadata.reactionSummaries",
        "counters of an own post",
        "M11, and which threads have answers",
        where="*/posts",
    ),
    Purpose(
        "status_type media_type media_product_type visibility lifecycleState language"
        " post.record.langs protected",
        "kind, language or visibility",
        "only what is public is measured; kind of message",
    ),
    Purpose(
        "etag last_modified items complete_since read_at version",
        "state of a news feed",
        "an unchanged feed is not fetched again",
        where="website/profiles",
    ),
)


def fits(pattern: str, text: str) -> bool:
    """fnmatch with `*` alone: `[]` is part of our paths."""
    parts = pattern.split("*")
    if len(parts) == 1:
        return pattern == text
    if not (text.startswith(parts[0]) and text.endswith(parts[-1])):
        return False
    place = len(parts[0])
    for part in parts[1:-1]:
        place = text.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return place + len(parts[-1]) <= len(text)


@cache
def purpose_of(platform: str, stream: str, path: str) -> Purpose | None:
    """The purpose of a field; None when nobody has said one."""
    for purpose in PURPOSES:
        is_here = purpose.where == "*" or fits(purpose.where, f"{platform}/{stream}")
        if is_here and any(fits(pattern, path) for pattern in purpose.paths.split()):
            return purpose
    return None


Whose = Literal["own", "citizen"]


def missing(platform: str, stream: str, path: str) -> str:
    """What to tell somebody who added a field."""
    return (
        f"{platform}/{stream}: `{path}` is stored and has no purpose: add it to a line of PURPOSES "
        "in src/klankbord/data_protection/fields.py (what it is, why it is kept), then run "
        "`klankbord privacy page`."
    )
