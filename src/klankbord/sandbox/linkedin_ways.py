"""The two ways into LinkedIn: Community Management, and Pages Data Portability (DMA).

What the DMA's finders list is 48 hours behind; what is asked for by its id is not.
"""

from datetime import timedelta
from typing import Any

from klankbord.sandbox import linkedin_objects as objects
from klankbord.sandbox.linkedin_pages import POST_KINDS, Pages, collection
from klankbord.sandbox.linkedin_restli import Query, key_of, refused
from klankbord.sandbox.model import Message, WorldAccount

LATE = timedelta(hours=48)
#: metric of the DMA's analytics -> its name in the statistics of the other way
DMA_METRICS = {
    "IMPRESSIONS": "impressionCount",
    "UNIQUE_IMPRESSIONS": "uniqueImpressionsCount",
    "CLICKS": "clickCount",
    "COMMENTS": "commentCount",
    "REACTIONS": "likeCount",
    "REPOSTS": "shareCount",
}
COMMUNITY = (
    "/rest/organizations",
    "/rest/networkSizes/{urn}",
    "/rest/posts",
    "/rest/socialMetadata",
    "/rest/socialActions/{urn}/comments",
    "/rest/organizationalEntityShareStatistics",
    "/rest/organizationalEntityFollowerStatistics",
)
DMA = (
    "/rest/dmaOrganizations",
    "/rest/dmaOrganizationalPageProfiles",
    "/rest/dmaOrganizationalPageFollows",
    "/rest/dmaFeedContentsExternal",
    "/rest/dmaPosts",
    "/rest/dmaSocialMetadata",
    "/rest/dmaComments",
    "/rest/dmaOrganizationalPageContentAnalytics",
)
ONE_A_MINUTE = frozenset({"/rest/dmaOrganizationalPageFollows", "/rest/dmaFeedContentsExternal"})


def community(pages: Pages, path: str) -> dict[str, Any]:
    """The answer of a path of COMMUNITY."""
    query, now = pages.query, pages.now
    if path == "/rest/organizations":
        return pages.vanity()
    if path == "/rest/networkSizes/{urn}":
        page = pages.page(key_of(pages.request, "urn"))
        if query.raw.get("edgeType") != "COMPANY_FOLLOWED_BY_MEMBER":
            raise refused("edgeType is not supported")
        return {"firstDegreeSize": pages.followers(page, now)}
    if path == "/rest/posts":
        query.finder("author")
        page = pages.page(query.text("author"))
        if query.raw.get("sortBy", "LAST_MODIFIED") not in ("CREATED", "LAST_MODIFIED"):
            raise refused("sortBy is not supported")
        own = pages.own_posts(page, now)
        rows = [objects.post(page, m) for m in own]
        if own:
            rows.insert(1, objects.advertisement(page, own[0]))
        return pages.listed(rows, lambda row: row)
    if path == "/rest/socialMetadata":
        return pages.batch(pages.metadata)
    if path == "/rest/socialActions/{urn}/comments":
        page, found = pages.comments(key_of(pages.request, "urn"), now)
        return pages.listed(
            found,
            lambda m: objects.comment(page, m, len(pages.world.answers(page, m.message_id, now))),
        )
    query.finder("organizationalEntity")
    page = pages.page(query.text("organizationalEntity"))
    if path == "/rest/organizationalEntityShareStatistics":
        for kind, name in zip(POST_KINDS, ("shares", "ugcPosts"), strict=True):
            if name in query.raw:
                entity = objects.organisation_urn(page)
                return collection(
                    {
                        "totalShareStatistics": pages.totals(urn),
                        kind: urn,
                        "organizationalEntity": entity,
                    }
                    for urn in query.items(name)
                )
        start, end, _ = query.interval("timeIntervals")
        return collection(pages.daily(page, start, end))
    start, end, _ = query.interval("timeIntervals")
    return collection(
        {
            "timeRange": {"start": first, "end": last},
            "followerGains": {
                "organicFollowerGain": first // objects.DAY_MS % 5 - 1,
                "paidFollowerGain": 0,
            },
            "organizationalEntity": objects.organisation_urn(page),
        }
        for first, last in objects.days(start, end, now)
    )


def dma(pages: Pages, path: str) -> dict[str, Any]:
    """The answer of a path of DMA."""
    query, late = pages.query, pages.now - LATE
    if path == "/rest/dmaOrganizations":
        return pages.vanity()
    if path == "/rest/dmaOrganizationalPageProfiles":
        query.finder("pageEntity")
        entity = query.raw.get("pageEntity", "")
        if not (entity.startswith("(organization:") and entity.endswith(")")):
            raise refused("pageEntity is no entity")
        inner = Query({"urn": entity.removeprefix("(organization:").removesuffix(")")})
        page = pages.page(inner.text("urn"))
        return collection([{"entityUrn": objects.page_urn(page), "localizedName": page.name}])
    if path == "/rest/dmaOrganizationalPageFollows":
        query.finder("followee")
        page = pages.page(query.text("followee"))
        count = query.number("maxPaginationCount", 10, 1000)
        total = pages.followers(page, late)
        # who follows is not in the world; nobody of these consented
        rows = [{"followee": objects.page_urn(page)} for _ in range(min(count, total))]
        return {"paging": {"start": 0, "count": count, "total": total}, "elements": rows}
    if path == "/rest/dmaFeedContentsExternal":
        if query.finder("postsByAuthor", "commentsOnEntity") == "postsByAuthor":
            page = pages.page(query.text("author"))
            return pages.cursor_page([objects.post_urn(m) for m in pages.own_posts(page, late)])
        page, found = pages.comments(query.text("entity"), late)
        return pages.cursor_page([objects.comment_urn(m.root_id, m.message_id) for m in found])
    if path == "/rest/dmaPosts":
        return pages.batch(lambda urn: _without_id(objects.post(*pages.post(urn))))
    if path == "/rest/dmaSocialMetadata":
        return pages.batch(pages.metadata)
    if path == "/rest/dmaComments":
        return pages.batch(lambda urn: _dma_comment(*pages.post(urn)))
    query.finder("trend")
    start, end, _ = query.interval("timeIntervals")
    wanted = query.items("metricTypes")
    if not wanted or not DMA_METRICS.keys() >= set(wanted):
        raise refused("metricTypes has an unknown value")
    source = query.text("sourceEntity")
    if source.startswith("urn:li:organizationalPage:"):
        parts = [
            (d["timeRange"], d["totalShareStatistics"])
            for d in pages.daily(pages.page(source), start, end)
        ]
    else:
        parts = [({"start": start, "end": end}, pages.totals(source))]
    return collection(
        {
            "type": metric,
            "metric": {
                "timeIntervals": {"timeRange": period},
                "value": {"totalCount": {"long": numbers[DMA_METRICS[metric]]}},
            },
        }
        for period, numbers in parts
        for metric in wanted
        if DMA_METRICS[metric] in numbers
    )


def _without_id(post: dict[str, Any]) -> dict[str, Any]:
    """BATCH_GET keys its results by id; a post of the DMA does not repeat it."""
    return {name: value for name, value in post.items() if name != "id"}


def _dma_comment(page: WorldAccount, message: Message) -> dict[str, Any]:
    hidden = message.author is not None and not objects.consents(message.author)
    return objects.comment(page, message, 0, is_obfuscated=hidden)
