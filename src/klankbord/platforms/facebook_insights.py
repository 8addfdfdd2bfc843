"""What Graph tells a page's owner: the page's days, and what became of its posts.

One call a page: its daily figures and those of its posts together, as long as no metric is refused.
A day is Graph's: it ends at midnight in California, and `end_time` says so. Pages with fewer than
100 likes get none. Values of a day reach their last state within two days, so every scan reads the
whole window again; a post is read at first sight and at the ages of its counters.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from klankbord.http import Client
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Event, Item, MetricRefused, Outcome
from klankbord.platforms.facebook_answers import TOO_MUCH, continuation
from klankbord.platforms.metrics import offered
from klankbord.platforms.refusals import offer_of
from klankbord.settings import LOCAL_ZONE
from klankbord.verdicts import BadRequest, RequestError, Throttled

#: Graph's limits: days a call, and how far back a value is kept.
DAYS_A_CALL = timedelta(days=90)
KEPT = timedelta(days=729)
POSTS = 100
RESULT = "{name,period,values}"


def read(
    client: Client,
    account: Account,
    window: Window,
    page_id: str,
    posts: Mapping[str, datetime],
    headers: Mapping[str, str] | None = None,
) -> Iterator[Event]:
    """The insights of a page and of those of its `posts` (id: created at) that are due, and their
    outcome. headers: those that carry the owner's token. Only Throttled is raised."""
    try:
        yield from _Reading(client, account, window, page_id, posts, headers).events()
    except Throttled:
        raise
    except RequestError as error:
        yield Outcome(account.account_id, "insights", error.status, error.reason, str(error))


class _Reading:
    def __init__(
        self,
        client: Client,
        account: Account,
        window: Window,
        page_id: str,
        posts: Mapping[str, datetime],
        headers: Mapping[str, str] | None,
    ) -> None:
        self.client, self.account, self.window, self.page_id = client, account, window, page_id
        self.due = {
            post_id: created_at
            for post_id, created_at in posts.items()
            if account.ledger.wants_insights(created_at, window.until)
        }
        self.headers = headers
        self.limit = POSTS

    def events(self) -> list[Event]:
        """All of them, or an error: what is `ok` is complete."""
        of_page = offered("facebook", "account", self.window.scan_on)
        of_posts = offered("facebook", "post", self.window.scan_on) if self.due else []
        wanted, scope, offer = [*of_page, *of_posts], "page", offer_of(self.client)
        found: dict[str, Item] = {}
        today = datetime.combine(self.window.scan_on, time.min, LOCAL_ZONE)
        oldest = max(self.window.until, today) - KEPT  # a backfill ends before today
        cut = self.window.since < oldest
        # in UTC: ninety days with the end of summer time in them are an hour too many for Graph
        since = max(self.window.since, oldest).astimezone(UTC)
        while since < self.window.until:
            until = min(since + DAYS_A_CALL, self.window.until)
            for page in offer.ask(
                scope, wanted, lambda names, s=since, u=until: self._ask(names, s, u)
            ):
                found |= {item.item_id: item for item in self._items(page)}
            since, wanted = until, of_page
        refused: Sequence[MetricRefused] = offer.refused(
            self.account.account_id, scope, [*of_page, *of_posts]
        )
        ending = Outcome(
            self.account.account_id,
            "insights",
            "ok",
            detail=f"Graph tells figures since {oldest.date()} only." if cut else "",
            observed_since=min(oldest, self.window.until) if cut else None,
        )
        return [*refused, *found.values(), ending]

    def _ask(self, names: Sequence[str], since: datetime, until: datetime) -> Mapping[str, Any]:
        """The page with the metrics `names` of its days and of its due posts, all their pages."""
        of_page = [n for n in names if n.startswith("page_")]
        of_posts = [n for n in names if n.startswith("post_")]
        fields = ["id"]
        if of_page:
            span = f".period(day).since({int(since.timestamp())}).until({int(until.timestamp())})"
            fields.append(f"insights.metric({','.join(of_page)}){span}{RESULT}")
        post_fields = f"id,insights.metric({','.join(of_posts)}){RESULT}"
        first, last = self._span()
        posts = f"published_posts.since({first}).until({last})"
        answer = self._get(
            f"/{self.page_id}",
            lambda: {
                "fields": ",".join(
                    [
                        *fields,
                        *([f"{posts}.limit({self.limit}){{{post_fields}}}"] if of_posts else []),
                    ]
                )
            },
        )
        edge = answer.get("published_posts", {})
        rows = [*edge.get("data", [])]
        while edge.get("data") and (more := continuation(edge.get("paging", {}))):
            known = {row["id"] for row in rows}
            path = f"/{self.page_id}/published_posts"
            edge = self._get(
                path,
                lambda more=more: {
                    "fields": post_fields,
                    "since": first,
                    "until": last,
                    "limit": self.limit,
                    **more,
                },
            )
            fresh = [row for row in edge.get("data", []) if row["id"] not in known]
            if edge.get("data") and not fresh:
                raise RequestError(f"GET {path}: Graph repeats a page.", "repeated_page")
            rows += fresh
        return {**answer, "published_posts": rows}

    def _span(self) -> tuple[int, int]:
        """Epoch seconds between which all due posts were created, both included."""
        moments = self.due.values() or [self.window.until]
        return int(min(moments).timestamp()), int(max(moments).timestamp()) + 1

    def _get(self, path: str, params: Any) -> Any:
        while True:
            try:
                return self.client.get(path, params(), purpose="insights", headers=self.headers)
            except BadRequest as error:
                if error.reason != TOO_MUCH or self.limit == 1:
                    raise
                self.limit //= 2

    def _items(self, page: Mapping[str, Any]) -> Iterator[Item]:
        yield from self._results(page.get("insights", {}), "account", None)
        for post in page["published_posts"]:
            if post["id"] in self.due:
                yield from self._results(post.get("insights", {}), "post", post["id"])

    def _results(
        self, edge: Mapping[str, Any], level: str, object_id: str | None
    ) -> Iterator[Item]:
        for result in edge.get("data", []):
            for value in result.get("values", []):
                if value.get("value") is not None:
                    payload = {
                        "object": level,
                        "object_id": object_id,
                        "metric": result["name"],
                        "period": result["period"],
                        "end_time": value.get("end_time"),
                        "value": value["value"],
                    }
                    yield insight_item(self.account, self.window, self.page_id, payload)


def insight_item(
    account: Account, window: Window, author_id: str, payload: Mapping[str, Any]
) -> Item:
    """A figure as an item: one an object, metric, period and end; where there is no end, one a
    scan."""
    where, end = payload["object_id"] or "account", payload["end_time"] or window.scan_on
    item_id = f"{where}/{payload['metric']}/{payload['period']}/{end}"
    return Item(account.account_id, "insights", item_id, payload, author_id, is_own=True)
