"""A website's news by its feed (RSS, Atom, RDF, JSON Feed): how much is published, nothing else.

An account's handle is its feed's address; a scan costs one request, and one without a body when
nothing is new. A feed holds its last so many items: a scan observes the days since the oldest of
them, says so, and scans that overlap make a month whole. No title, link or author is stored; an
item is known by what its guid and its link hash to, so that either may change.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

import httpx

from klankbord.platforms.base import Account, Connector, FieldRules, Window
from klankbord.platforms.events import Event, Outcome, Stream
from klankbord.platforms.website_answers import (
    NOT_MODIFIED,
    check_whole,
    classify,
    read_feed,
    same_site,
)
from klankbord.platforms.website_items import (
    believed,
    observed_since,
    posts,
    profile,
    state,
    unchanged,
)
from klankbord.verdicts import BadRequest, RequestError, Throttled

REDIRECTS = 4
#: more items without a date than this share, and a count of the rest says nothing
UNDATED_SHARE = 0.1
ACCEPT = "application/rss+xml, application/atom+xml, application/rdf+xml, application/feed+json"
HEADERS = {
    "Accept": f"{ACCEPT}, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1",
    "Accept-Encoding": "gzip",
}
PROFILE_KEPT = frozenset({"version", "items", "etag", "last_modified", "complete_since", "read_at"})


class Website(Connector):
    """The moments at which a website published news."""

    name = "website"
    title = "Website news"
    evidence = "official format + our sandbox"
    streams: ClassVar[tuple[Stream, ...]] = ("profiles", "posts")
    batch_size = 50
    max_concurrency = 4
    fields: ClassVar[Mapping[Stream, FieldRules]] = {
        "profiles": FieldRules(own=PROFILE_KEPT, citizen=frozenset()),
        "posts": FieldRules(own=frozenset({"id", "created_at"}), citizen=frozenset()),
    }
    classify = staticmethod(classify)

    @classmethod
    def client_options(cls, token: str) -> dict[str, Any]:
        """A feed is public: no token is ever sent to the many servers that have one."""
        return {}

    def extract(self, accounts: Sequence[Account], window: Window) -> Iterator[Event]:
        """See Connector. A spent quota is one website's: the others go on, and the latest
        `retry_at` is raised after the last of them."""
        spent: list[Throttled] = []
        for account in accounts:
            if not self.streams_of(account, window):
                continue
            try:
                yield from self._events(account, window)
            except RequestError as error:
                if isinstance(error, Throttled):
                    spent.append(error)
                yield from self.outcomes(account, window, error.status, error.reason, str(error))
        if spent:
            raise max(spent, key=lambda error: error.retry_at)

    def _events(self, account: Account, window: Window) -> list[Event]:
        """All of an account, or the error that ends it."""
        streams = self.streams_of(account, window)
        known = believed(account, window) if "posts" in streams else {}
        response = self._ask(account.handle, known)
        if response.status_code == NOT_MODIFIED:
            if not known:
                raise BadRequest("The website says not modified to a first question.")
            return [
                *([profile(account, known)] if "profiles" in streams else ()),
                *self._ok(account, window, **unchanged(account, known, window)),
            ]
        feed = read_feed(response.content, response.headers.get("content-type", ""), account.handle)
        events: list[Event] = []
        if "profiles" in streams:
            events.append(profile(account, state(feed, response, window, "posts" in streams)))
        if "posts" not in streams:
            return [*events, *self._ok(account, window)]
        undated = sum(entry.published is None for entry in feed.entries)
        if undated > UNDATED_SHARE * len(feed.entries):
            raise BadRequest(
                f"{undated} of {len(feed.entries)} items state no date: their volume cannot be"
                " placed in time.",
                "undated",
            )
        edge = feed.complete_since
        seen = observed_since(edge, window)
        if window.is_backfill and (edge is None or seen >= window.until):
            shows = f"what is newer than {edge:%Y-%m-%d %H:%M}" if edge else "items in no order"
            raise BadRequest(
                f"The feed shows {shows} only: the days asked for cannot be read any more.",
                "out_of_reach",
            )
        return [
            *events,
            *posts(account, feed.entries, window),
            *self._ok(
                account,
                window,
                detail=f"{undated} items state no date and are left out." if undated else "",
                # of those that share the edge's moment, some may have left the feed already
                complete_since=max(edge + timedelta.resolution, window.since) if edge else None,
                observed_since=seen,
            ),
        ]

    def _ok(self, account: Account, window: Window, **posts: Any) -> Iterator[Outcome]:
        for stream in self.streams_of(account, window):
            more = posts if stream == "posts" else {}
            yield Outcome(account.account_id, stream, "ok", **more)

    def _ask(self, url: str, known: Mapping[str, Any]) -> httpx.Response:
        """The answer to a feed's address, after redirects within its own site.

        Where KLANKBORD_WEBSITE_URL is set, that server is asked for the feed (`/feed?url=`). A
        redirect to another site is an error that a person resolves: it may not be the body's any
        more. Nobody's private network is reached by one: the host stays what the register says.
        """
        headers = dict(HEADERS)
        if known.get("etag"):
            headers["If-None-Match"] = known["etag"]
        if known.get("last_modified"):
            headers["If-Modified-Since"] = known["last_modified"]
        for _ in range(REDIRECTS + 1):
            path, params = ("/feed", {"url": url}) if self.client.base_url else (url, None)
            response = self.client.get_bytes(path, params, headers=headers, check=check_whole)
            if not response.has_redirect_location:
                return response
            target = _redirected(url, response)
            if not same_site(url, target):
                host = urlsplit(target).hostname or "no address"
                raise BadRequest(
                    f"The feed has moved to another site ({host}): if that is the body's own,"
                    " correct its address in the register.",
                    "moved",
                )
            url = target
        raise BadRequest(f"The feed redirects more than {REDIRECTS} times.", "redirect_loop")


def _redirected(url: str, response: httpx.Response) -> str:
    try:
        return urljoin(url, response.headers["location"])
    except ValueError:
        return ""
