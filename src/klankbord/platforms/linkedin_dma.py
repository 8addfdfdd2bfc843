"""LinkedIn by the Pages Data Portability API (Digital Markets Act, EU): r_dma_admin_pages_content.

What the Act gives an owner of a page, and its price: the finders of followers, posts and comments
take one request in 60 seconds and may be 48 hours behind, so a scan is several visits (see
linkedin_resume) and is complete until 48 hours before its moment only. A member who did not consent
is left out of what members wrote: no actor, perhaps no text, so fewer questions are recognised than
were asked. Followers are LinkedIn's own total of the list, never the number of its rows: what lists
show is said to hold those who consented only.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from klankbord import settings
from klankbord.budget import Purpose, thread_purpose
from klankbord.http import Client
from klankbord.platforms.base import Window
from klankbord.platforms.linkedin_analytics import Reading, life, readings, totals, trend
from klankbord.platforms.linkedin_answers import (
    METRICS,
    address,
    between,
    key,
    listed,
    milliseconds,
    next_cursor,
    urn,
)
from klankbord.platforms.linkedin_resume import Visits
from klankbord.platforms.linkedin_route import (
    OLDER_POSTS,
    UNLISTED,
    Insight,
    Page,
    answers,
    batches,
    created,
    find_page,
    fresh,
    has_nested,
    social,
)
from klankbord.verdicts import Gone, Refused

LATE = timedelta(hours=48)
POSTS, COMMENTS = 100, 1000  # maxPaginationCount, 1000 at most
FEED = "/rest/dmaFeedContentsExternal"
PROFILES = "/rest/dmaOrganizationalPageProfiles"
ANALYTICS_AGE = timedelta(days=365)


class Dma:
    """See klankbord.platforms.linkedin_route.Route."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._visits: dict[str, Visits] = {}

    def identify(self, page: Page) -> None:
        find_page(page, lambda asked: self._get(page, f"/rest/dmaOrganizations{asked}", "profiles"))

    def profile(self, page: Page) -> dict[str, Any]:
        """One row is asked for, because none of them is needed."""
        asked = address(
            "/rest/dmaOrganizationalPageFollows",
            q="followee",
            followee=key(self._page_urn(page)),
            edgeType="MEMBER_FOLLOWS_ORGANIZATIONAL_PAGE",
            maxPaginationCount=1,
        )

        def ask() -> int | None:
            return self._get(page, asked, "profiles").get("paging", {}).get("total")

        followers = self._visit(page).once("followers", ask)
        counted_by = "dmaOrganizationalPageFollows"
        return {"id": page.page_id, "followers": followers, "counted_by": counted_by}

    def posts(self, page: Page) -> tuple[list[dict[str, Any]], datetime]:
        window, visit = page.window, self._visit(page)
        until = min(window.until, settings.now() - LATE).isoformat()
        # a later visit knows no more than what the first one listed
        until = datetime.fromisoformat(visit.once("until", lambda: until))
        oldest = window.since - OLDER_POSTS
        rows: dict[str, dict[str, Any]] = {}
        author = key(urn("organization", page.page_id))
        for ids in self._finder(page, "posts", POSTS, q="postsByAuthor", author=author):
            found = self._details(page, "/rest/dmaPosts", ids, "posts", viewContext="READER")
            rows |= {
                name: {"id": name, **row}
                for name, row in found.items()
                if row.get("distribution", {}).get("feedDistribution") != UNLISTED
            }
            if any(created(row) < oldest for row in found.values()):
                break
        kept = {name: row for name, row in rows.items() if oldest <= created(row) < until}
        said = self._details(page, "/rest/dmaSocialMetadata", list(kept), "posts")
        for name, answer in said.items():
            kept[name]["socialMetadata"] = social(answer)
        return list(kept.values()), until

    def prepare(self, page: Page, posts: Sequence[Mapping[str, Any]]) -> None:
        """The lists of comments, one a minute."""
        for post in posts:
            self._comment_ids(page, post)

    def comments(self, page: Page, post: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What the lists name of the comments under a post."""
        purpose = thread_purpose(created(post), page.window.until)
        found = self._details(page, "/rest/dmaComments", self._comment_ids(page, post), purpose)
        return [{"commentUrn": name, **row} for name, row in found.items()]

    def _comment_ids(self, page: Page, post: Mapping[str, Any]) -> list[str]:
        """The ids of the comments on a post and of those on its comments.

        Whether the list of a post holds both is not documented: where it shows direct ones only and
        the post has others, those that were answered are asked too. How long the list is tells
        nothing: it is 48 hours behind the counters, and holds what was deleted since.
        """
        purpose = thread_purpose(created(post), page.window.until)
        ids = self._listed(page, post["id"], purpose)
        if not has_nested(post):
            return ids

        def ask() -> list[str]:
            shown = self._details(page, "/rest/dmaComments", ids, purpose)
            if any("parentComment" in row for row in shown.values()):
                return []
            found = self._details(page, "/rest/dmaSocialMetadata", list(shown), purpose)
            # a comment of which nothing is said may have been answered
            return [name for name in shown if answers({"socialMetadata": found.get(name)}) != 0]

        answered = self._visit(page).once(f"answered {post['id']}", ask)
        return ids + [name for one in answered for name in self._listed(page, one, purpose, True)]

    def insights(self, page: Page, posts: Sequence[Mapping[str, Any]]) -> Iterator[Insight]:
        if page.withheld:
            raise page.withheld
        for post in posts:
            for metric, value in post.get("contentAnalytics", {}).items():
                yield Insight(METRICS[metric], value, post["id"])
        end = datetime.combine(page.window.until.astimezone(UTC).date(), time.min, UTC)
        start = datetime.combine(page.window.since.astimezone(UTC).date(), time.min, UTC)
        start = max(start, self.days_since(page.window))
        if start < end:
            interval = between(milliseconds(start), milliseconds(end))
            for metric, value, until in self._trend(page, self._page_urn(page), interval):
                yield Insight(METRICS[metric], value, end=until)

    def days_since(self, window: Window) -> datetime:
        return datetime.combine(window.scan_on, time.min, UTC) - ANALYTICS_AGE

    def finished(self, page: Page) -> None:
        self._visit(page).forget()
        self._visits.pop(page.account.account_id, None)

    def _listed(
        self, page: Page, entity: str, purpose: Purpose, may_be_gone: bool = False
    ) -> list[str]:
        """The ids of the comments on a post, or on a comment, which may be deleted by now."""

        def ask() -> list[str]:
            found = self._finder(page, purpose, COMMENTS, q="commentsOnEntity", entity=key(entity))
            try:
                return [name for part in found for name in part]
            except Gone:
                if not may_be_gone:
                    raise
                return []

        return self._visit(page).once(f"comments {entity}", ask)

    def _visit(self, page: Page) -> Visits:
        name = page.account.account_id
        visit = self._visits[name] = self._visits.get(name) or Visits(name, page.window)
        return visit

    def _page_urn(self, page: Page) -> str:
        """The organisation's page, which has an id of its own."""

        def ask() -> str:
            entity = f"(organization:{key(urn('organization', page.page_id))})"
            asked = address(PROFILES, q="pageEntity", pageEntity=entity)
            found = self._get(page, asked, "profiles")
            if not found["elements"]:
                raise Gone("LinkedIn knows no page of this organisation.")
            return str(found["elements"][0]["entityUrn"])

        return self._visit(page).once("page", ask)

    def _finder(self, page: Page, purpose: Purpose, size: int, **query: str) -> Iterator[list[str]]:
        """The ids of a finder, page by page: one request a minute, each asked once a scan."""
        seen: set[str] = set()
        cursor = ""
        while True:
            more = {"paginationCursor": key(cursor)} if cursor else {}
            asked = address(FEED, **query, maxPaginationCount=size, **more)

            def ask(asked: str = asked) -> list[Any]:
                answer = self._get(page, asked, purpose)
                return [[row["id"] for row in answer["elements"]], next_cursor(answer)]

            ids, following = self._visit(page).once(asked, ask)
            yield fresh(ids, seen, bool(cursor) and bool(ids), "ids")
            if not ids or not following:
                return
            cursor = following

    def _details(
        self, page: Page, path: str, ids: Sequence[str], purpose: Purpose, **query: str
    ) -> dict[str, dict[str, Any]]:
        """BATCH_GET of these ids, those that still exist."""
        found: dict[str, dict[str, Any]] = {}
        for some in batches(ids):
            answer = self._get(page, address(path, ids=listed(some), **query), purpose)
            found |= {name: row for name, row in answer["results"].items() if name in some}
        return found

    def add_statistics(self, page: Page, posts: Sequence[dict[str, Any]]) -> None:
        """Under `contentAnalytics`, a call a post."""
        for post in posts:
            interval = life(created(post), page.window.until)
            try:
                found = list(self._trend(page, post["id"], interval))
            except Refused as error:
                page.withheld = error
                return
            post["contentAnalytics"] = totals(found)

    def _trend(self, page: Page, entity: str, interval: str) -> Iterator[Reading]:
        return readings(self._get(page, trend(entity, interval), "insights"))

    def _get(self, page: Page, asked: str, purpose: Purpose) -> Any:
        return self.client.get(asked, headers=page.headers, purpose=purpose)
