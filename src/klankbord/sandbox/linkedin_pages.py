"""What one request to LinkedIn may see of the world, and the forms in which lists come."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request

from klankbord.sandbox import linkedin_objects as objects
from klankbord.sandbox.linkedin_restli import LinkedInError, Query, number_of
from klankbord.sandbox.model import Message, WorldAccount

POST_KINDS = ("share", "ugcPost")
SERVED = timedelta(days=120)


class Pages:
    """What one request may see."""

    def __init__(self, sandbox: Any, request: Request) -> None:
        self.world, self.now = sandbox.world, sandbox.now()
        self.request, self.query = request, Query.of(request)
        self.fault = getattr(request.state, "fault", None)

    def page(self, urn: str) -> WorldAccount:
        """The organisation of a urn, its page's too."""
        number = number_of(urn, "organization", "organizationalPage")
        is_page = urn.startswith("urn:li:organizationalPage:")
        return self._known(self.world.find("linkedin", number // 10 if is_page else number))

    def post(self, urn: str) -> tuple[WorldAccount, Message]:
        """A post or a comment by its urn, with the page in whose thread it stands."""
        number = number_of(urn, *POST_KINDS, "comment")
        page = self._known(self.world.account_of(number))
        message = self.world.message(page, number) if page.platform == "linkedin" else None
        # not before it was written, nor after it was deleted
        if message is None or message not in self.world.thread(page, message.root_id, self.now):
            raise missing()
        return page, message

    @staticmethod
    def _known(page: WorldAccount | None) -> WorldAccount:
        if page is None:
            raise missing()
        return page

    def vanity(self) -> dict[str, Any]:
        """organizations?q=vanityName."""
        self.query.finder("vanityName")
        page = self.world.find("linkedin", self.query.text("vanityName"))
        return collection([objects.organisation(page)] if page else [])

    def followers(self, page: WorldAccount, at: datetime) -> int:
        count: int = self.world.followers(page, at)
        return count // 10 if self.fault == "shrunken" else count

    def own_posts(self, page: WorldAccount, until: datetime) -> list[Message]:
        """Posts and reposts, newest first."""
        own = self.world.own(page, self.now - SERVED, until)
        rows = [m for m in own if m.kind in ("original", "repost")]
        return rows[: len(rows) // 2] if self.fault == "shrunken" else rows

    def comments(self, urn: str, until: datetime) -> tuple[WorldAccount, list[Message]]:
        """The direct answers to a post or a comment, oldest first."""
        page, message = self.post(urn)
        return page, self.world.answers(page, message.message_id, until)

    def metadata(self, urn: str) -> dict[str, Any]:
        """Social metadata of a post or a comment."""
        page, message = self.post(urn)
        if message.message_id != message.root_id:
            direct = len(self.world.answers(page, message.message_id, self.now))
            return objects.social_metadata(0, direct, direct)
        counters = self.world.counters(page, message, self.now)
        total = len(self.world.thread(page, message.message_id, self.now)) - 1
        return objects.social_metadata(counters.reactions, counters.comments, max(0, total))

    def totals(self, urn: str) -> dict[str, Any]:
        """Lifetime statistics of a post."""
        page, message = self.post(urn)
        c = self.world.counters(page, message, self.now)
        return objects.statistics(c.reactions, c.comments, c.shares, urn)

    def daily(self, page: WorldAccount, start: int, end: int) -> list[dict[str, Any]]:
        """Statistics of a page by day: no unique numbers there."""
        found = []
        for first, last in objects.days(start, end, self.now):
            numbers = objects.statistics(
                first // objects.DAY_MS % 7, 1, 0, f"{page.user_id}{first}"
            )
            del numbers["uniqueImpressionsCount"]
            found.append(
                {
                    "timeRange": {"start": first, "end": last},
                    "totalShareStatistics": numbers,
                    "organizationalEntity": objects.organisation_urn(page),
                }
            )
        return found

    def listed(self, rows: list[Any], render: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """A page of a finder by start and count, with a link to the next one."""
        start = self.query.number("start", 0, 100_000)
        count = self.query.number("count", 10, 100)
        first = max(0, start - count) if self.fault == "repeated_page" else start
        part = rows[first : first + count]
        links = []
        if start + count < len(rows) or (self.fault == "empty_last_page" and part):
            href = f"{self.request.url.path}?start={start + count}&count={count}"
            links = [{"type": "application/json", "rel": "next", "href": href}]
        paging = {"start": start, "count": count, "links": links, "total": len(rows)}
        return {"paging": paging, "elements": [render(row) for row in part]}

    def cursor_page(self, ids: list[str]) -> dict[str, Any]:
        """A page of a DMA finder, by a cursor that only it can read."""
        count = self.query.number("maxPaginationCount", 10, 1000)
        start = int(self.query.text("paginationCursor")[1:]) if self._has_cursor else 0
        first = max(0, start - count) if self.fault == "repeated_page" else start
        part = ids[first : first + count]
        more = start + count < len(ids) or (self.fault == "empty_last_page" and bool(part))
        cursor = f"c{start + count}" if more else None
        return {
            "elements": [{"id": name, "type": "CONTENT"} for name in part],
            "metadata": {"paginationCursorMetdata": {"nextPaginationCursor": cursor}},
            "paging": {"start": 0, "count": count, "links": []},
        }

    @property
    def _has_cursor(self) -> bool:
        return "paginationCursor" in self.query.raw

    def batch(self, one: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
        """BATCH_GET: results by id, and the errors of those that are not there."""
        results, errors = {}, {}
        for urn in self.query.items("ids"):
            try:
                results[urn] = one(urn)
            except LinkedInError as error:
                if error.status != 404:
                    raise
                errors[urn] = error.body
        return {"results": results, "statuses": {}, "errors": errors}


def missing() -> LinkedInError:
    """What is asked for does not exist."""
    return LinkedInError(404, "RESOURCE_NOT_FOUND", "The entity was not found")


def collection(elements: Any) -> dict[str, Any]:
    """A collection in one page."""
    rows = list(elements)
    return {"paging": {"start": 0, "count": 10, "links": []}, "elements": rows}
