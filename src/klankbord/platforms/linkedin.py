"""LinkedIn pages of organisations, with their owners' tokens, in one of two ways.

`KLANKBORD_LINKEDIN_ROUTE` chooses for the installation: `community` (Community Management API, the
default: up to date, after LinkedIn's approval) or `dma` (Pages Data Portability API, a right of
page owners in the EU since the Digital Markets Act: up to 48 hours late, one call a minute). Both
give the same items. Nobody else's pages can be read, so every account is T3.

Evidence: documentation only (its pages, and how public clients use the calls). No server of
LinkedIn's was asked from here.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from klankbord import settings
from klankbord.budget import Cost, Purpose
from klankbord.errors import SettingsError
from klankbord.http import Client
from klankbord.platforms import prices
from klankbord.platforms.base import Account, Connector, FieldRules, OwnerToken, Window, no_token
from klankbord.platforms.events import INSIGHT_KEYS, Event, Outcome, Stream
from klankbord.platforms.linkedin_answers import (
    RESTLI,
    VERSIONS,
    classify,
    version_warning,
)
from klankbord.platforms.linkedin_comments import comments
from klankbord.platforms.linkedin_community import Community
from klankbord.platforms.linkedin_dma import Dma
from klankbord.platforms.linkedin_items import (
    COMMENT_KEPT,
    POST_KEPT,
    PROFILE_KEPT,
    failures,
    insight_item,
    post_item,
    profile_item,
)
from klankbord.platforms.linkedin_route import (
    Page,
    Route,
    created,
    wants_statistics,
)
from klankbord.platforms.metrics import offered
from klankbord.verdicts import Gone, RequestError, Throttled

log = logging.getLogger(__name__)
ROUTES: Mapping[str, type[Route]] = {"community": Community, "dma": Dma}


def route_name() -> str:
    """The route of this installation."""
    name = settings.get("KLANKBORD_LINKEDIN_ROUTE")
    if name not in ROUTES:
        raise SettingsError(f"KLANKBORD_LINKEDIN_ROUTE is {name!r}: give {' or '.join(ROUTES)}.")
    return name


class LinkedIn(Connector):
    """Followers, posts, comments and statistics of pages that somebody gave us a token of."""

    name = "linkedin"
    title = "LinkedIn pages"
    evidence = "documentation only"
    streams = ("profiles", "posts", "messages", "insights")
    batch_size = 25
    is_owners_only = True
    fields: ClassVar[Mapping[Stream, FieldRules]] = {
        "profiles": FieldRules(own=PROFILE_KEPT, citizen=frozenset()),
        # the post that was shared may be a member's
        "posts": FieldRules(
            own=POST_KEPT, citizen=frozenset(), person_ids=frozenset({"reshareContext.parent"})
        ),
        "messages": FieldRules(own=COMMENT_KEPT, citizen=COMMENT_KEPT),
        "insights": FieldRules(own=INSIGHT_KEYS, citizen=frozenset()),
    }
    classify = staticmethod(classify)
    profile_paths: ClassVar[Mapping[str, str]] = {
        "followers": "followers",
        "user_id": "id",
    }

    def __init__(self, client: Client, owner_token: OwnerToken = no_token) -> None:
        super().__init__(client, owner_token)
        self.route: Route = ROUTES[route_name()](client)

    @classmethod
    def client_options(cls, token: str) -> dict[str, Any]:
        """The headers of every call; an account's own token goes with its calls."""
        headers = {
            "LinkedIn-Version": VERSIONS[route_name()].name,
            "X-Restli-Protocol-Version": RESTLI,
        }
        return {"headers": {**headers, **({"Authorization": f"Bearer {token}"} if token else {})}}

    @classmethod
    def forecast(
        cls, accounts: int, posts_per_day: float, threads_per_day: float, owners: int = 0
    ) -> Mapping[Purpose, Cost]:
        """Followers, a list of posts with their counters and their statistics, threads, and the
        page's statistics in one or two calls (docs of the routes)."""
        return prices.forecast(
            cls.name,
            {
                "profiles": (accounts, accounts),
                "posts": (3 * accounts, accounts * posts_per_day),
                "open_threads": (accounts * threads_per_day,) * 2,
                "insights": (2 * owners, 2 * owners),
            },
        )

    def extract(self, accounts: Sequence[Account], window: Window) -> Iterator[Event]:
        """See Connector. A limit is a token's: the accounts of other tokens go on, and the first
        moment at which one of the spent comes back is raised after the last of them."""
        if warning := version_warning(route_name(), window.scan_on):
            log.warning("%s", warning)
        spent: dict[str | None, Throttled] = {}
        for account in accounts:
            token = self.token_of(account)
            if token in spent:
                continue
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            try:
                yield from self._account(Page(account, window, headers))
            except Throttled as error:
                spent[token] = error
            except RequestError as error:
                yield from self.outcomes(account, window, error.status, error.reason, str(error))
        if spent:
            raise min(spent.values(), key=lambda error: error.retry_at)

    def _account(self, page: Page) -> list[Event]:
        """All events of an account, or an error that concerns all its streams.

        A stream that fails half-way gives an outcome and no item: what is `ok` is complete.
        """
        who, wanted = page.account.account_id, self.streams_of(page.account, page.window)
        events: list[Event] = []
        self.route.identify(page)
        self.recognise(page.account, page.page_id)
        if "profiles" in wanted:
            profile = self.route.profile(page)
            events += [profile_item(page, profile), Outcome(who, "profiles", "ok")]
        reading = [stream for stream in wanted if stream != "profiles"]
        posts: list[dict[str, Any]] = []
        until = page.window.until
        try:
            if reading:
                posts, until = self.route.posts(page)
        except Throttled:
            raise
        except RequestError as error:
            return [*events, *failures(who, reading, error)]
        # the comments first: with the DMA they may end the visit, and nothing was wasted then
        for stream in sorted(reading, key=lambda stream: stream != "messages"):
            try:
                events += self._stream(stream, page, posts, until)
            except Throttled:
                raise
            except RequestError as error:
                events += failures(who, [stream], error)
        self.route.finished(page)
        return events

    def _stream(
        self, stream: Stream, page: Page, posts: Sequence[dict[str, Any]], until: datetime
    ) -> list[Event]:
        """The items of a stream and its outcome, or the error that ends it."""
        who, window = page.account.account_id, page.window
        if stream == "messages":
            try:
                return [*comments(self.route, page, posts, until), _ok(page, stream, until)]
            except Gone as error:  # not the account: a retry lists what is left
                what = f"Something was deleted while it was read: {error}"
                raise RequestError(what, "deleted_meanwhile") from error
        inside = [p for p in posts if window.since <= created(p) < until]
        if not page.has_statistics:
            self.route.add_statistics(page, [p for p in inside if wants_statistics(page, p)])
            page.has_statistics = True
        if stream == "posts":
            return [*(post_item(page, p) for p in inside), _ok(page, stream, until, window.since)]
        ledger = page.account.ledger
        due = [p for p in inside if ledger.wants_insights(created(p), window.until)]
        found = [
            insight_item(page, one)
            for one in self.route.insights(page, due)
            if one.metric in self._offered(page, "post" if one.post_id else "account")
        ]
        oldest = self.route.days_since(page.window)
        cut = window.since < oldest
        ending = Outcome(
            who,
            stream,
            "ok",
            detail=f"LinkedIn tells a page's days since {oldest.date()} only." if cut else "",
            observed_since=min(oldest, window.until) if cut else None,
        )
        return [*found, ending]

    @staticmethod
    def _offered(page: Page, level: str) -> list[str]:
        """The metrics that the registry knows: the rest of LinkedIn's numbers are not stored."""
        tier = page.account.access_tier
        return offered("linkedin", level, page.window.scan_on, tier=tier)


def _ok(page: Page, stream: Stream, until: datetime, since: datetime | None = None) -> Outcome:
    """Read, from `since` on completely; where the route is behind, only until `until`."""
    who = page.account.account_id
    late = until if until < page.window.until else None
    return Outcome(who, stream, "ok", complete_since=since, observed_until=late)
