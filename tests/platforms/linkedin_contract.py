"""What LinkedIn's documentation says of the calls that we make, as data. Documentation only: nobody
published a machine-readable contract of these two products, so a mistake in reading stays one here.

Read on 2026-11-22 from stored copies of learn.microsoft.com/linkedin, which hold each page's
beginning (marketing/community-management: posts-api, comments-api, social-metadata-api,
share-statistics, follower-statistics; dma: posts, organizational-page-follow, overview). What the
beginnings do not show, the shapes of answers above all, follows what public clients quote of them.
additionalProperties is false: a key that is not named here is a fault.
"""

from typing import Any

#: path -> (parameters that must be there, others that may)
REQUESTS: dict[str, tuple[set[str], set[str]]] = {
    "/rest/organizations": ({"q", "vanityName"}, set()),
    "/rest/networkSizes/{urn}": ({"edgeType"}, set()),
    "/rest/posts": ({"q", "author"}, {"start", "count", "sortBy"}),
    "/rest/socialMetadata": ({"ids"}, set()),
    "/rest/socialActions/{urn}/comments": (set(), {"start", "count"}),
    "/rest/organizationalEntityShareStatistics": (
        {"q", "organizationalEntity"},
        {"timeIntervals", "shares", "ugcPosts"},
    ),
    "/rest/organizationalEntityFollowerStatistics": (
        {"q", "organizationalEntity"},
        {"timeIntervals"},
    ),
    "/rest/dmaOrganizations": ({"q", "vanityName"}, set()),
    "/rest/dmaOrganizationalPageProfiles": ({"q", "pageEntity"}, set()),
    "/rest/dmaOrganizationalPageFollows": (
        {"q", "followee"},
        {"edgeType", "maxPaginationCount", "paginationCursor"},
    ),
    "/rest/dmaFeedContentsExternal": (
        {"q"},
        {"author", "entity", "maxPaginationCount", "paginationCursor"},
    ),
    "/rest/dmaPosts": ({"ids"}, {"viewContext"}),
    "/rest/dmaSocialMetadata": ({"ids"}, set()),
    "/rest/dmaComments": ({"ids"}, set()),
    "/rest/dmaOrganizationalPageContentAnalytics": (
        {"q", "sourceEntity", "metricTypes", "timeIntervals"},
        set(),
    ),
}

INTEGER, TEXT, FLAG = {"type": "integer"}, {"type": "string"}, {"type": "boolean"}


def strict(required: str, **properties: Any) -> dict[str, Any]:
    """An object of these properties and no others; `required` names those that must be there."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def urn(*kinds: str) -> dict[str, Any]:
    """A urn of one of these kinds."""
    return {"type": "string", "pattern": f"^urn:li:({'|'.join(kinds)}):"}


def listing(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A collection."""
    elements = {"type": "array", "items": items}
    return strict("elements paging", elements=elements, paging=PAGING, **more)


def batch(items: dict[str, Any]) -> dict[str, Any]:
    """A BATCH_GET's answer."""
    results = {"type": "object", "additionalProperties": items}
    return strict("results", results=results, statuses={}, errors={})


PAGING = strict(
    "start count",
    start=INTEGER,
    count=INTEGER,
    total=INTEGER,
    links={"type": "array", "items": strict("rel href", rel=TEXT, href=TEXT, type=TEXT)},
)
ORGANISATION = strict(
    "id vanityName",
    id=INTEGER,
    vanityName=TEXT,
    localizedName=TEXT,
    name={"type": "object"},
    primaryOrganizationType=TEXT,
    organizationalPage=urn("organizationalPage"),
    **{"$URN": urn("organization")},
)
_POST = {
    "id": urn("share", "ugcPost"),
    "author": urn("organization", "person"),
    "commentary": TEXT,
    "visibility": {"enum": ["PUBLIC", "CONNECTIONS", "LOGGED_IN"]},
    "lifecycleState": {
        "enum": ["PUBLISHED", "DRAFT", "PUBLISH_REQUESTED", "PUBLISH_FAILED"],
    },
    "lifecycleStateInfo": strict("isEditedByAuthor", isEditedByAuthor=FLAG),
    "distribution": strict(
        "feedDistribution",
        feedDistribution={"enum": ["MAIN_FEED", "NONE"]},
        targetEntities={"type": "array"},
        thirdPartyDistributionChannels={"type": "array"},
    ),
    "isReshareDisabledByAuthor": FLAG,
    "createdAt": INTEGER,
    "publishedAt": INTEGER,
    "lastModifiedAt": INTEGER,
    "content": {"type": "object"},
    "reshareContext": strict("parent", parent=urn("share", "ugcPost"), root=TEXT),
}
POST = strict("id author commentary createdAt lifecycleState", **_POST)
DMA_POST = strict("author createdAt", **_POST)
STAMP = strict("time", actor=urn("person", "organization"), time=INTEGER)
_COMMENT = {
    "actor": urn("person", "organization"),
    "agent": urn("person"),
    "commentUrn": {"type": "string", "pattern": r"^urn:li:comment:\(urn:li:activity:\d+,\d+\)$"},
    "created": STAMP,
    "lastModified": STAMP,
    "id": TEXT,
    "message": strict("text", text=TEXT, attributes={"type": "array"}),
    "object": urn("activity", "share", "ugcPost"),
    "parentComment": urn("comment"),
    "likesSummary": {"type": "object"},
    "commentsSummary": strict(
        "aggregatedTotalComments",
        selectedComments={"type": "array"},
        totalFirstLevelComments=INTEGER,
        aggregatedTotalComments=INTEGER,
    ),
}
COMMENT = strict("actor commentUrn created id message object", **_COMMENT)
DMA_COMMENT = strict("created", **_COMMENT)
METADATA = strict(
    "commentSummary reactionSummaries",
    commentsState={"enum": ["OPEN", "CLOSED"]},
    commentSummary=strict("count topLevelCount", count=INTEGER, topLevelCount=INTEGER),
    reactionSummaries={
        "type": "object",
        "propertyNames": {
            "enum": ["LIKE", "PRAISE", "EMPATHY", "INTEREST", "APPRECIATION", "ENTERTAINMENT"]
        },
        "additionalProperties": strict("count", reactionType=TEXT, count=INTEGER),
    },
)
SHARES = strict(
    "impressionCount clickCount likeCount commentCount shareCount engagement",
    uniqueImpressionsCount=INTEGER,
    impressionCount=INTEGER,
    clickCount=INTEGER,
    likeCount=INTEGER,
    commentCount=INTEGER,
    shareCount=INTEGER,
    engagement={"type": "number"},
)
RANGE = strict("start end", start=INTEGER, end=INTEGER)
GAINS = strict("organicFollowerGain", organicFollowerGain=INTEGER, paidFollowerGain=INTEGER)
CURSOR = strict(
    "paginationCursorMetdata",  # as the documentation spells it
    paginationCursorMetdata=strict(
        "nextPaginationCursor", nextPaginationCursor={"type": ["string", "null"]}
    ),
)
COUNT = {"anyOf": [strict("long", long=INTEGER), strict("bigDecimal", bigDecimal=TEXT)]}

#: path -> schema of its answer
RESPONSES: dict[str, dict[str, Any]] = {
    "/rest/organizations": listing(ORGANISATION),
    "/rest/networkSizes/{urn}": strict("firstDegreeSize", firstDegreeSize=INTEGER),
    "/rest/posts": listing(POST),
    "/rest/socialMetadata": batch(METADATA),
    "/rest/socialActions/{urn}/comments": listing(COMMENT),
    "/rest/organizationalEntityShareStatistics": listing(
        strict(
            "totalShareStatistics organizationalEntity",
            totalShareStatistics=SHARES,
            organizationalEntity=urn("organization"),
            timeRange=RANGE,
            share=urn("share"),
            ugcPost=urn("ugcPost"),
        )
    ),
    "/rest/organizationalEntityFollowerStatistics": listing(
        strict(
            "followerGains timeRange",
            followerGains=GAINS,
            timeRange=RANGE,
            organizationalEntity=urn("organization"),
        )
    ),
    "/rest/dmaOrganizations": listing(ORGANISATION),
    "/rest/dmaOrganizationalPageProfiles": listing(
        strict("entityUrn", entityUrn=urn("organizationalPage"), localizedName=TEXT)
    ),
    "/rest/dmaOrganizationalPageFollows": listing(
        strict(
            "followee", followee=urn("organizationalPage"), follower=urn("person"), edgeType=TEXT
        )
    ),
    "/rest/dmaFeedContentsExternal": listing(
        strict("id", id=urn("share", "ugcPost", "comment"), type=TEXT), metadata=CURSOR
    ),
    "/rest/dmaPosts": batch(DMA_POST),
    "/rest/dmaSocialMetadata": batch(METADATA),
    "/rest/dmaComments": batch(DMA_COMMENT),
    "/rest/dmaOrganizationalPageContentAnalytics": listing(
        strict(
            "type metric",
            type={
                "enum": [
                    "IMPRESSIONS",
                    "UNIQUE_IMPRESSIONS",
                    "CLICKS",
                    "COMMENTS",
                    "REACTIONS",
                    "REPOSTS",
                ]
            },
            metric=strict(
                "value timeIntervals",
                value=strict("totalCount", totalCount=COUNT),
                timeIntervals=strict("timeRange", timeRange=RANGE),
            ),
        )
    ),
}
