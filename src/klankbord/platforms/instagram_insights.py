"""What Instagram tells an account's owner: the account's days, and what became of its media.

The account's figures come in one call. Some are series with an end for each value; of the others
Instagram tells a total over the time that is asked for, so each day is asked for by itself: a day
of California, as those of the series, whose end stands as its end_time. A day's figures may come
two days late: a day is asked for until a scan saw it two days after its end. Media are asked for
one by one (Graph has no other way), each at first sight and at the ages of its counters.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from klankbord.http import Client
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Event, Item, MetricRefused, Outcome
from klankbord.platforms.facebook_insights import insight_item
from klankbord.platforms.instagram_answers import BEFORE_BUSINESS, NOT_ENOUGH_VIEWERS, created_at
from klankbord.platforms.metrics import offered
from klankbord.platforms.refusals import offer_of
from klankbord.verdicts import BadRequest, Gone, RequestError, Throttled

ZONE = ZoneInfo("America/Los_Angeles")
SERIES = ("reach", "follower_count")
#: Instagram's limits: days a call and, of new followers, days back and followers at least.
DAYS_A_CALL = timedelta(days=30)
FOLLOWER_DAYS, FEWEST_FOLLOWERS = timedelta(days=30), 100
SETTLED = timedelta(hours=48)
TIME = "%Y-%m-%dT%H:%M:%S+0000"


def read(
    client: Client,
    account: Account,
    window: Window,
    user: Mapping[str, Any],
    media: Sequence[Mapping[str, Any]],
    headers: Mapping[str, str] | None = None,
) -> Iterator[Event]:
    """The insights of an account (`user`: id and followers_count) and of those of its `media` that
    are due, and their outcome. headers: those that carry the owner's token. Only Throttled is
    raised."""
    reading = _Reading(client, account, window, user, headers)
    try:
        found = [*reading.of_account(), *(e for one in media for e in reading.of_media(one))]
        yield from [*found, *reading.refused(), Outcome(account.account_id, "insights", "ok")]
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
        user: Mapping[str, Any],
        headers: Mapping[str, str] | None,
    ) -> None:
        self.client, self.account, self.window, self.headers = client, account, window, headers
        self.user_id, self.followers = user["id"], user.get("followers_count")
        self.offer = offer_of(client)
        self.asked: dict[str, list[str]] = {}

    def refused(self) -> Iterator[MetricRefused]:
        """The metrics of what was asked that Instagram does not give, each once."""
        seen = set[str]()
        for scope, wanted in self.asked.items():
            for one in self.offer.refused(self.account.account_id, scope, wanted):
                if one.metric not in seen:
                    seen.add(one.metric)
                    yield one

    def of_account(self) -> Iterator[Item]:
        """Every day of the window, in calls of at most 30 days."""
        wanted = offered("instagram", "account", self.window.scan_on)
        if self.followers is not None and self.followers < FEWEST_FOLLOWERS:
            wanted.remove("follower_count")
        self.asked["account"] = wanted
        since = self.window.since
        while since < self.window.until:
            until = min(since + DAYS_A_CALL, self.window.until)
            for answer in self.offer.ask(
                "account", wanted, lambda names, s=since, u=until: self._days(names, s, u)
            ):
                yield from answer
            since = until

    def _days(self, names: Sequence[str], since: datetime, until: datetime) -> list[Item]:
        """The figures `names` of the account's days that end in (since, until]."""
        edges: dict[str, tuple[str, datetime, datetime, str | None]] = {}
        for name in SERIES:
            first = since
            if name == "follower_count":
                today = datetime.combine(self.window.scan_on, time.min, ZONE)
                first = max(since, today - FOLLOWER_DAYS)
            if name in names and first < until:
                edges[name] = f"insights.metric({name}).period(day)", first, until, None
        totals = ",".join(name for name in names if name not in SERIES)
        for begin, end in self._open_days(since, until) if totals else ():
            edge = f"insights.metric({totals}).metric_type(total_value).period(day)"
            edges[f"day_{begin:%Y%m%d}"] = edge, begin, end, f"{end.astimezone(UTC):{TIME}}"
        if not edges:
            return []
        fields = [
            f"{edge}.since({int(first.timestamp())}).until({int(last.timestamp())}).as({key})"
            for key, (edge, first, last, _) in edges.items()
        ]
        answer = self.client.get(
            f"/{self.user_id}",
            {"fields": ",".join(["id", *fields])},
            purpose="insights",
            headers=self.headers,
        )
        return [
            self._item("account", None, result, value, said or value.get("end_time"))
            for key, (_, _, _, said) in edges.items()
            for result in answer.get(key, {}).get("data", [])
            for value in result.get("values") or [result.get("total_value") or {}]
            if value.get("value") is not None
        ]

    def _open_days(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The days (begin, end) that end in (since, until] and that no scan has seen settled."""
        known = self.account.ledger.insights_known_until
        day = since.astimezone(ZONE).date()
        while True:
            begin, day = datetime.combine(day, time.min, ZONE), day + timedelta(days=1)
            end = datetime.combine(day, time.min, ZONE)
            if end > until:
                return
            if end > since and (known is None or known < end + SETTLED):
                yield begin, end

    def of_media(self, media: Mapping[str, Any]) -> Iterator[Item]:
        """The figures of one media, if they are due; none of what has none."""
        if not self.account.ledger.wants_insights(created_at(media), self.window.until):
            return
        kind = str(media.get("media_product_type"))
        wanted = offered("instagram", "post", self.window.scan_on, kind=kind)
        scope = f"{kind} {media.get('media_type')}"
        self.asked[scope] = wanted

        def get(names: list[str]) -> Any:
            return self.client.get(
                f"/{media['id']}/insights",
                {"metric": ",".join(names)},
                purpose="insights",
                headers=self.headers,
            )

        try:
            answers = self.offer.ask(scope, wanted, get)
        except Gone:  # deleted since it was listed
            return
        except BadRequest as error:
            if error.reason in (NOT_ENOUGH_VIEWERS, BEFORE_BUSINESS):
                return
            raise
        for answer in answers:
            for result in answer.get("data", []):
                for value in result.get("values", []):
                    if value.get("value") is not None:
                        yield self._item("post", media["id"], result, value, None)

    def _item(
        self,
        level: str,
        object_id: str | None,
        result: Mapping[str, Any],
        value: Mapping[str, Any],
        end_time: str | None,
    ) -> Item:
        payload = {
            "object": level,
            "object_id": object_id,
            "metric": result["name"],
            "period": result["period"],
            "end_time": end_time,
            "value": value["value"],
        }
        return insight_item(self.account, self.window, self.user_id, payload)
