"""What the two ways into LinkedIn have in common: the same questions, the same answers.

A post or a comment is LinkedIn's object, cut down, with what other calls say of it under a key of
its own (`socialMetadata`, `shareStatistics`, `contentAnalytics`), so that staging sees who said it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from klankbord.platforms.base import Account, Window
from klankbord.platforms.ledger import THREAD_AGE, is_due
from klankbord.platforms.linkedin_answers import address, key, moment
from klankbord.verdicts import Gone, RequestError

#: People still comment a week after a post, and answers come for 14 days: the comments of a window
#: may stand under posts that are this much older.
OLDER_POSTS = THREAD_AGE + timedelta(days=7)
#: Ids of one BATCH_GET.
BATCH = 50
#: A post that is only an advertisement is no post of the page.
UNLISTED = "NONE"


@dataclass(slots=True)
class Page:
    """An account in one scan: LinkedIn's id of the organisation, the headers of its token, and why
    its statistics are not to be had (None: they are)."""

    account: Account
    window: Window
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    page_id: str = ""
    withheld: RequestError | None = None
    has_statistics: bool = False


@dataclass(slots=True)
class Insight:
    """A number of a page or a post. `end`: of its period, in LinkedIn's milliseconds."""

    metric: str
    value: Any
    post_id: str | None = None
    end: int | None = None


class Route(Protocol):
    """One way into LinkedIn. Every method raises a RequestError for what it cannot read."""

    def identify(self, page: Page) -> None:
        """Set `page_id`; Gone when LinkedIn knows no such page."""

    def profile(self, page: Page) -> dict[str, Any]:
        """{"id", "followers", "counted_by"}: the call that counted them."""

    def posts(self, page: Page) -> tuple[list[dict[str, Any]], datetime]:
        """(posts created since the window's beginning less OLDER_POSTS, newest first, with their
        counters; the moment until which posts and comments are complete)."""

    def prepare(self, page: Page, posts: Sequence[Mapping[str, Any]]) -> None:
        """Ask what is dear before the comments of these posts are read: a visit that is told to
        wait should have cost little else."""

    def comments(self, page: Page, post: Mapping[str, Any]) -> list[dict[str, Any]]:
        """All comments under a post, of both levels."""

    def add_statistics(self, page: Page, posts: Sequence[dict[str, Any]]) -> None:
        """What each of these posts did in its whole life: how often it was shared stands nowhere
        else. Where the token may not read it, the posts stay without and `withheld` says why."""

    def days_since(self, window: Window) -> datetime:
        """From when on LinkedIn has statistics of a page's days, at the moment of the scan."""

    def insights(self, page: Page, posts: Sequence[Mapping[str, Any]]) -> Iterator[Insight]:
        """The owner's numbers of the page by day, and of these posts."""

    def finished(self, page: Page) -> None:
        """The account is complete: nothing needs to be remembered for another attempt."""


def find_page(page: Page, look_up: Callable[[str], Any]) -> None:
    """Set `page_id`: the register's id, a handle that is one, or what LinkedIn knows by that name
    (`look_up` asks with a query)."""
    handle = page.account.handle
    page.page_id = page.account.platform_user_id or (handle if handle.isdecimal() else "")
    if not page.page_id:
        found = look_up(address("", q="vanityName", vanityName=key(handle)))
        if not found["elements"]:
            raise Gone(f"LinkedIn knows no page {handle}.")
        page.page_id = str(found["elements"][0]["id"])


def created(post: Mapping[str, Any]) -> datetime:
    """When a post was published: a scheduled one was made before."""
    return moment(post.get("publishedAt") or post["createdAt"])


def answers(post: Mapping[str, Any]) -> int | None:
    """All comments under a post, nested ones too; None where LinkedIn did not say."""
    return (post.get("socialMetadata") or {}).get("commentSummary", {}).get("count")


def has_nested(post: Mapping[str, Any]) -> bool:
    """Whether some of the comments under a post answer another one, or may: LinkedIn did not say
    how many are direct."""
    summary = (post.get("socialMetadata") or {}).get("commentSummary", {})
    return int(summary.get("count", 0)) > int(summary.get("topLevelCount", 0))


def wants_statistics(page: Page, post: Mapping[str, Any]) -> bool:
    """Whether a reading of a post in the window would be stored: the rest need no statistics."""
    born, now, ledger = created(post), page.window.until, page.account.ledger
    if born < page.window.since:
        return False
    last = ledger.posts.get(post["id"])
    return (
        last is None
        or last.answers != answers(post)
        or is_due(last.created_at, last.observed_at, now)
        or ("insights" in page.window.streams and ledger.wants_insights(born, now))
    )


def social(answer: Mapping[str, Any]) -> dict[str, Any]:
    """socialMetadata of a post, cut to counters: of reactions by kind, of comments by level."""
    found: dict[str, Any] = {}
    if "commentSummary" in answer:
        summary = answer["commentSummary"]
        found["commentSummary"] = {
            n: summary[n] for n in ("count", "topLevelCount") if n in summary
        }
    if "reactionSummaries" in answer:
        found["reactionSummaries"] = {
            kind: {"count": summary["count"]}
            for kind, summary in answer["reactionSummaries"].items()
        }
    return found


def batches(ids: Sequence[str], size: int = BATCH) -> Iterator[Sequence[str]]:
    """The ids in portions of one call."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def fresh(rows: Iterable[str], seen: set[str], promised: bool, what: str) -> list[str]:
    """Those that were not seen before. A page that was promised and repeats what is known is a
    broken list: reported rather than taken for complete."""
    found = [row for row in dict.fromkeys(rows) if row not in seen]
    if promised and not found:
        raise RequestError(f"LinkedIn repeats a page of {what}.", "repeated_page")
    seen.update(found)
    return found
