"""LinkedIn's answers as items: what is kept of them, and who says what to whom."""

from collections.abc import Mapping, Sequence
from typing import Any

from klankbord.platforms.events import Event, Item, Outcome, Stream
from klankbord.platforms.linkedin_answers import moment, plain_text, urn
from klankbord.platforms.linkedin_route import Insight, Page, answers, created
from klankbord.verdicts import RequestError

#: `followers` and `counted_by` are ours: each route counts them by another call.
PROFILE_KEPT = frozenset({"id", "followers", "counted_by"})
#: Not the text: members stand in it by their names. Its length and tags are computed before.
POST_KEPT = frozenset(
    {
        "id",
        "createdAt",
        "publishedAt",
        "lifecycleState",
        "reshareContext.parent",
        "socialMetadata.commentSummary.count",
        "socialMetadata.commentSummary.topLevelCount",
        "socialMetadata.reactionSummaries",
        "shareStatistics.shareCount",
        "contentAnalytics.REPOSTS",
    }
)
#: `post_id` is ours: below a comment on a comment `object` may name an activity instead.
COMMENT_KEPT = frozenset({"commentUrn", "post_id", "parentComment", "created.time"})


def profile_item(page: Page, profile: Mapping[str, Any]) -> Item:
    """Who the page is and how many follow it."""
    own = urn("organization", page.page_id)
    return Item(page.account.account_id, "profiles", page.page_id, profile, own, is_own=True)


def post_item(page: Page, post: Mapping[str, Any]) -> Item:
    """A post of the page with its counters. Its text is measured, not kept."""
    return Item(
        page.account.account_id,
        "posts",
        post["id"],
        post,
        urn("organization", page.page_id),
        is_own=True,
        text=plain_text(post.get("commentary") or ""),
        created_at=created(post),
        answers=answers(post),
    )


def comment_item(page: Page, post_id: str, row: Mapping[str, Any]) -> Item:
    """A comment. Under the DMA a member who did not consent has no actor: no pseudonym then."""
    actor, message = row.get("actor"), row.get("message") or {}
    own = actor == urn("organization", page.page_id)
    return Item(
        page.account.account_id,
        "messages",
        row["commentUrn"],
        {**row, "post_id": post_id},
        actor,
        own,
        text=message.get("text"),
        is_reply=own and "parentComment" in row,
        created_at=moment(row["created"]["time"]),
        thread_id=post_id,
    )


def insight_item(page: Page, one: Insight) -> Item:
    """A number of the owner's: of a day where it has an end, else of a post's whole life."""
    period = "lifetime" if one.end is None else "day"
    payload = {
        "object": "post" if one.post_id else "account",
        "object_id": one.post_id,
        "metric": one.metric,
        "period": period,
        "end_time": one.end,
        "value": one.value,
    }
    place = f"{one.post_id or 'account'}/{one.metric}/{period}/{one.end or page.window.scan_on}"
    own = urn("organization", page.page_id)
    return Item(page.account.account_id, "insights", place, payload, own, is_own=True)


def failures(who: str, streams: Sequence[Stream], error: RequestError) -> list[Event]:
    """The same end for several streams of an account."""
    return [Outcome(who, stream, error.status, error.reason, str(error)) for stream in streams]
