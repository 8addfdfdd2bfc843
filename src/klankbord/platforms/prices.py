"""What the platforms' requests cost and how much each platform gives: data, with source and date.

A connector that is not listed here pays one call a request. What is counted after the answer is
what was returned; what is reserved before it is the most that can come.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from klankbord.budget import Charge, Cost, Limit, Purpose


@dataclass(frozen=True, slots=True)
class Price:
    """The price of the requests whose path ends as `path` says (a regular expression).

    usd: of each object under `objects` of the answer. `most`: the parameter that bounds how many
    come, by its number or by the number of its comma-separated values; `included`: what objects of
    the answer's `includes` cost, of which each object may bring `included_most`.
    """

    path: str
    purpose: Purpose
    bucket: str = "calls"
    units: int = 0
    usd: str = "0"
    objects: str = "data"
    most: str = ""
    default_most: int = 10
    included: Mapping[str, str] = field(default_factory=dict)
    included_most: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tariff:
    """A platform's prices, its own quota, and whose midnight ends its day."""

    source: str
    read_on: str
    prices: tuple[Price, ...] = ()
    quota: tuple[Limit, ...] = ()
    zone: str = "UTC"


#: Of an account, where nothing was measured yet: posts a day, and threads that are read a day.
POSTS_PER_DAY, THREADS_PER_DAY = 0.7, 3.0

#: X charges "per resource returned in the response". Whether that holds for what expansions bring
#: along is not said, so it is counted: a budget must hold in the worse case.
_X_POSTS: Mapping[str, Any] = {
    "usd": "0.005",
    "included": {"users": "0.010", "posts": "0.005", "tweets": "0.005"},
    "included_most": {"users": 2, "posts": 1},
}
#: Every Data API call costs a unit, an invalid one too; search.list has a bucket of its own.
_YOUTUBE = (
    Price(r"/search", "insights", bucket="search", units=1),
    Price(r"/channels", "profiles", units=1),
    Price(r"/commentThreads|/comments", "open_threads", units=1),
    Price(r"/reports", "insights"),  # the Analytics API counts by itself
    Price(r"", "posts", units=1),
)
TARIFFS: Mapping[str, Tariff] = {
    "x": Tariff(
        "https://docs.x.com/x-api/getting-started/pricing",
        "2026-11-22",
        (
            Price(r"/2/users(/by)?", "profiles", usd="0.010", most="ids|usernames"),
            Price(r"/2/users/[^/]+/tweets", "posts", most="max_results", **_X_POSTS),
            Price(r"/2/users/[^/]+/mentions", "open_threads", most="max_results", **_X_POSTS),
            Price(r"/2/tweets", "counters_7_28", most="ids", **_X_POSTS),
            Price(r"/2/tweets/analytics", "insights", usd="0.005", most="ids"),
            Price(r"/2/tweets/counts/recent", "insights", usd="0.005", objects=""),
            Price(r"/2/tweets/search/.*", "open_threads", most="max_results", **_X_POSTS),
        ),
    ),
    "youtube": Tariff(
        "https://developers.google.com/youtube/v3/determine_quota_cost",
        "2026-11-22",
        _YOUTUBE,
        (
            Limit("youtube", "units", Decimal(10_000), "day", zone="America/Los_Angeles"),
            Limit("youtube", "calls", Decimal(100), "day", "search", "America/Los_Angeles"),
        ),
        "America/Los_Angeles",
    ),
    "linkedin": Tariff(
        "https://learn.microsoft.com/linkedin/dma/pages-follows/organizational-page-follow"
        " (one request in 60 seconds of each finder; of the other calls no number is said)",
        "2026-11-22",
        (
            Price(r"/rest/dmaFeedContentsExternal", "posts", bucket="dma_feed"),
            Price(r"/rest/dmaOrganizationalPageFollows", "profiles", bucket="dma_follows"),
            Price(
                r"/rest/organizationalEntity\w+Statistics"
                r"|/rest/dmaOrganizationalPageContentAnalytics",
                "insights",
            ),
            Price(r"/rest/socialActions/[^/]+/comments|/rest/dmaComments", "open_threads"),
            Price(
                r"/rest/networkSizes/[^/]+|/rest/organizations"
                r"|/rest/dmaOrganization(s|alPageProfiles)",
                "profiles",
            ),
        ),
        (
            Limit("linkedin", "calls", Decimal(1), 60, "dma_feed"),
            Limit("linkedin", "calls", Decimal(1), 60, "dma_follows"),
        ),
    ),
    "tiktok": Tariff(
        "https://developers.tiktok.com/doc/tiktok-api-v2-rate-limit",
        "2026-11-22",
        (Price(r"/v2/user/info/?", "profiles", bucket="profiles"),),
        (
            Limit("tiktok", "calls", Decimal(600), 60),
            Limit("tiktok", "calls", Decimal(600), 60, "profiles"),
        ),
    ),
    "facebook": Tariff(
        "https://developers.facebook.com/docs/graph-api/overview/rate-limiting",
        "2026-11-22",
        (
            Price(r"/[^/]+/insights", "insights"),
            Price(r"/[^/]+/comments", "open_threads"),
            Price(r"/[^/]+/published_posts", "posts"),
            Price(r"/[^/]+", "profiles"),
        ),
    ),
    "instagram": Tariff(
        "https://developers.facebook.com/docs/graph-api/overview/rate-limiting",
        "2026-11-22",
        (
            Price(r"/[^/]+/insights", "insights"),
            Price(r"/[^/]+/comments", "open_threads"),
            Price(r"/[^/]+/media", "posts"),
            Price(r"/[^/]+", "profiles"),
        ),
    ),
    "mastodon": Tariff(
        "https://docs.joinmastodon.org/api/rate-limits/ (300 in 5 minutes, told by headers)",
        "2026-11-22",
        (
            Price(r"/api/v1/accounts/lookup|/api/v2/instance", "profiles"),
            Price(r"/api/v1/statuses/[^/]+/context", "open_threads"),
        ),
    ),
    "bluesky": Tariff(
        "https://docs.bsky.app/docs/advanced-guides/rate-limits (3,000 in 5 minutes, by headers)",
        "2026-11-22",
        (
            Price(r"/xrpc/app\.bsky\.actor\.getProfiles", "profiles"),
            Price(r"/xrpc/app\.bsky\.feed\.getPostThread", "open_threads"),
        ),
    ),
}


def tariff(platform: str) -> Tariff:
    """A platform's tariff; an empty one for a platform of which none is known."""
    return TARIFFS.get(platform, Tariff("no price is known", ""))


@lru_cache(maxsize=1024)  # the same path is asked page after page
def _price(platform: str, path: str) -> Price:
    for price in tariff(platform).prices:
        if re.fullmatch(rf"(?:.*?)(?:{price.path})", path):
            return price
    return Price("", "posts")


def charge(
    platform: str, path: str, params: Mapping[str, Any], purpose: Purpose | None = None
) -> Charge:
    """The most that a request can cost. `purpose` None: the usual one of its path."""
    price = _price(platform, path)
    count = _most(price, params) if Decimal(price.usd) else 0
    each = Decimal(price.usd) + sum(
        Decimal(price.included[name]) * most for name, most in price.included_most.items()
    )
    if not price.objects:
        count, each = 1, Decimal(price.usd)
    cost = Cost(Decimal(1), Decimal(price.units), each * count)
    return Charge(cost, purpose or price.purpose, price.bucket)


def settled(platform: str, path: str, body: Any) -> Cost:
    """What a request has cost, by its answer (None: it was refused or failed, which is no read)."""
    price = _price(platform, path)
    usd, each = Decimal(0), Decimal(price.usd)
    if not price.objects and body is not None:
        usd = each
    elif each and isinstance(body, Mapping):
        usd = each * _count(body.get(price.objects))
        included = body.get("includes")
        if isinstance(included, Mapping):
            usd += sum(
                Decimal(p) * _count(included.get(name)) for name, p in price.included.items()
            )
    return Cost(Decimal(1), Decimal(price.units), usd)


def _count(found: Any) -> int:
    return len(found) if isinstance(found, list) else 1 if found else 0


def _most(price: Price, params: Mapping[str, Any]) -> int:
    for name in price.most.split("|"):
        value = params.get(name)
        if isinstance(value, int):
            return value
        if isinstance(value, str) and value:
            return (
                int(value) if value.isdecimal() and name == "max_results" else value.count(",") + 1
            )
    return price.default_most


def forecast(platform: str, volumes: Mapping[Purpose, tuple[float, float]]) -> dict[Purpose, Cost]:
    """What (calls, objects that come) cost, by purpose, at the platform's own prices."""
    costs = {}
    for purpose, (calls, objects) in volumes.items():
        usual = "counters_7_28" if purpose == "counters_1_3" else purpose  # the same requests
        prices = [p for p in tariff(platform).prices if p.purpose == usual]
        price = prices[0] if prices else Price("", purpose)
        # of what expansions bring along, one person a post is new to the day
        each = Decimal(price.usd) + Decimal(price.included.get("users", "0"))
        costs[purpose] = Cost.of(calls, calls * price.units, each * Decimal(str(objects)))
    return costs
