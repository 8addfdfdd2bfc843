"""LinkedIn by the Community Management API: followers, posts, comments and statistics of pages.

Needs the product's approval and a member token of the page's ADMINISTRATOR with
r_organization_social, r_organization_social_feed and rw_organization_admin. Limits count a day, of
the application and of the member, and come back at midnight UTC.

An account costs one call for its followers, one a hundred posts, two a fifty posts for counters and
statistics, one for each open thread (and one for each comment that was answered), two for its
statistics by day.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from klankbord.budget import Purpose, thread_purpose
from klankbord.http import Client
from klankbord.platforms.base import Window
from klankbord.platforms.linkedin_answers import (
    address,
    between,
    key,
    listed,
    milliseconds,
    urn,
)
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
    social,
)
from klankbord.verdicts import Refused

POSTS = COMMENTS = 100  # the most of one page
STATISTICS = "/rest/organizationalEntityShareStatistics"
#: "share data only within the past 12 months, using a rolling 12-month window"
STATISTICS_AGE = timedelta(days=365)
#: Rest.li finds its methods by itself; the documentation sends them, so do we.
FINDER, BATCH_GET = ({"X-RestLi-Method": method} for method in ("FINDER", "BATCH_GET"))


class Community:
    """See klankbord.platforms.linkedin_route.Route."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def identify(self, page: Page) -> None:
        find_page(
            page, lambda asked: self._get(page, f"/rest/organizations{asked}", "profiles", FINDER)
        )

    def profile(self, page: Page) -> dict[str, Any]:
        """Everybody who follows, organically or not."""
        path = f"/rest/networkSizes/{key(urn('organization', page.page_id))}"
        size = self._get(page, address(path, edgeType="COMPANY_FOLLOWED_BY_MEMBER"), "profiles")
        counted = {"followers": size.get("firstDegreeSize"), "counted_by": "networkSizes"}
        return {"id": page.page_id, **counted}

    def posts(self, page: Page) -> tuple[list[dict[str, Any]], datetime]:
        window, author = page.window, key(urn("organization", page.page_id))
        oldest = window.since - OLDER_POSTS
        rows: dict[str, dict[str, Any]] = {}
        for row in self._pages(
            page,
            "/rest/posts",
            POSTS,
            "posts",
            "posts",
            author=author,
            q="author",
            sortBy="CREATED",
        ):
            if created(row) < oldest:
                break
            if row.get("distribution", {}).get("feedDistribution") != UNLISTED:
                rows[row["id"]] = dict(row)
        for ids in batches(list(rows)):
            asked = address("/rest/socialMetadata", ids=listed(ids))
            found = self._get(page, asked, "posts", BATCH_GET)
            for post_id, metadata in found["results"].items():
                rows[post_id]["socialMetadata"] = social(metadata)
        return [row for row in rows.values() if created(row) < window.until], window.until

    def prepare(self, page: Page, posts: Sequence[Mapping[str, Any]]) -> None:
        """Nothing is dear here."""

    def comments(self, page: Page, post: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The comments on the post, and those on each comment that was answered."""
        purpose = thread_purpose(created(post), page.window.until)

        def under(entity: str) -> Iterator[dict[str, Any]]:
            path = f"/rest/socialActions/{key(entity)}/comments"
            return self._pages(page, path, COMMENTS, purpose, "comments")

        found = {row["commentUrn"]: row for row in under(post["id"])}
        total, tops = answers(post), list(found.values())
        # where no comment has a summary of its own, an answered one looks like one that nobody
        # answered: then the counter of the post tells whether something is still missing
        is_told = any("commentsSummary" in comment for comment in tops)
        for comment in tops:
            told = comment.get("commentsSummary", {}).get("aggregatedTotalComments", 0)
            is_missing = not is_told and (total is None or len(found) < total)
            if (told or is_missing) and "parentComment" not in comment:
                found |= {row["commentUrn"]: row for row in under(comment["commentUrn"])}
        return list(found.values())

    def insights(self, page: Page, posts: Sequence[Mapping[str, Any]]) -> Iterator[Insight]:
        if page.withheld:
            raise page.withheld
        for post in posts:
            for metric, value in post.get("shareStatistics", {}).items():
                yield Insight(metric, value, post["id"])
        start, end = _days(page.window, self.days_since(page.window))
        if start >= end:
            return
        for path, part in (
            (STATISTICS, "totalShareStatistics"),
            ("/rest/organizationalEntityFollowerStatistics", "followerGains"),
        ):
            found = self._get(page, self._statistics(page, path, start, end), "insights", FINDER)
            for element in found["elements"]:
                for metric, value in element.get(part, {}).items():
                    yield Insight(metric, value, end=element["timeRange"]["end"])

    def days_since(self, window: Window) -> datetime:
        return datetime.combine(window.scan_on, time.min, UTC) - STATISTICS_AGE

    def finished(self, page: Page) -> None:
        """Nothing is remembered: this way has no limit a minute."""

    def _statistics(self, page: Page, path: str, start: int, end: int) -> str:
        entity = key(urn("organization", page.page_id))
        return address(
            path,
            q="organizationalEntity",
            organizationalEntity=entity,
            timeIntervals=between(start, end),
        )

    def add_statistics(self, page: Page, posts: Sequence[dict[str, Any]]) -> None:
        """Under `shareStatistics`, fifty posts a call."""
        by_id = {post["id"]: post for post in posts}
        entity = key(urn("organization", page.page_id))
        for kind, parameter in (("share", "shares"), ("ugcPost", "ugcPosts")):
            for ids in batches([i for i in by_id if i.startswith(f"urn:li:{kind}:")]):
                query = {"q": "organizationalEntity", "organizationalEntity": entity}
                query[parameter] = listed(ids)
                try:
                    found = self._get(page, address(STATISTICS, **query), "posts", FINDER)
                except Refused as error:
                    page.withheld = error
                    return
                for element in found["elements"]:
                    if element.get(kind) in by_id:
                        by_id[element[kind]]["shareStatistics"] = element["totalShareStatistics"]

    def _pages(
        self, page: Page, path: str, size: int, purpose: Purpose, what: str, **query: str
    ) -> Iterator[dict[str, Any]]:
        """All rows of a list, each once. It ends where nothing follows: at an empty page, or at a
        short one that promises none (links rel=next)."""
        seen: set[str] = set()
        start, promised = 0, False
        while True:
            asked = address(path, **query, start=start, count=size)
            answer = self._get(page, asked, purpose, FINDER)
            rows = {row.get("commentUrn") or row["id"]: row for row in answer["elements"]}
            for name in fresh(rows, seen, promised and bool(rows), what):
                yield rows[name]
            links = answer.get("paging", {}).get("links", ())
            promised = any(link.get("rel") == "next" for link in links)
            if not rows or (not promised and len(rows) < size):
                return
            start += size

    def _get(
        self, page: Page, asked: str, purpose: Purpose, more: Mapping[str, str] | None = None
    ) -> Any:
        return self.client.get(asked, headers={**page.headers, **(more or {})}, purpose=purpose)


def _days(window: Window, oldest: datetime) -> tuple[int, int]:
    """The whole UTC days of a window, no further back than LinkedIn keeps statistics."""
    end = datetime.combine(window.until.astimezone(UTC).date(), time.min, UTC)
    start = datetime.combine(window.since.astimezone(UTC).date(), time.min, UTC)
    return milliseconds(max(start, oldest)), milliseconds(end)
