"""The objects of LinkedIn's REST API over the world: organisations, posts, comments, statistics.

A page's id is its user_id; a post is urn:li:share:<message> (some urn:li:ugcPost:<message>), a
comment urn:li:comment:(urn:li:activity:<post>,<message>), a member urn:li:person:<made up>.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from klankbord.sandbox.model import Message, Person, WorldAccount

DAY_MS = 86_400_000
_RESERVED = "\\|{}@[]()<>#*_~"


def milliseconds(moment: datetime) -> int:
    """Since 1970."""
    return int(moment.timestamp() * 1000)


def little(text: str) -> str:
    """A text as LinkedIn's "little text": reserved signs escaped, tags as templates."""
    words = []
    for word in text.split(" "):
        body = word.lstrip("#").rstrip(".,!?")
        if word.startswith("#") and body.isalnum():
            rest = word[1 + len(body) :]
            words.append(f"{{hashtag|\\#|{body}}}{_escaped(rest)}")
        else:
            words.append(_escaped(word))
    return " ".join(words)


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in _RESERVED else sign for sign in text)


def organisation_urn(page: WorldAccount) -> str:
    """urn:li:organization:…"""
    return f"urn:li:organization:{page.user_id}"


def page_urn(page: WorldAccount) -> str:
    """The organisation's page, which has another number."""
    return f"urn:li:organizationalPage:{page.user_id * 10 + 7}"


def person_urn(person: Person) -> str:
    """A member, as an application sees him: letters and digits of its own."""
    return f"urn:li:person:m{person.user_id:x}Q"


def post_urn(message: Message) -> str:
    """A post; what was posted by newer ways is a ugcPost."""
    return _post_urn(message.message_id)


def _post_urn(message_id: int) -> str:
    kind = "ugcPost" if (message_id >> 22) % 3 == 0 else "share"
    return f"urn:li:{kind}:{message_id}"


def comment_urn(post_id: int, message_id: int) -> str:
    """A comment is known by its post's activity and a number of its own."""
    return f"urn:li:comment:(urn:li:activity:{post_id},{message_id})"


def organisation(page: WorldAccount) -> dict[str, Any]:
    """What the lookup by vanity name gives of a page."""
    return {
        "id": page.user_id,
        "$URN": organisation_urn(page),
        "vanityName": page.handle,
        "localizedName": page.name,
        "name": {
            "localized": {"nl_NL": page.name},
            "preferredLocale": {"country": "NL", "language": "nl"},
        },
        "primaryOrganizationType": "NONE",
        "organizationalPage": page_urn(page),
    }


def post(page: WorldAccount, message: Message) -> dict[str, Any]:
    """A Post. A repost has the post it shares as its parent, and no words of its own."""
    at = milliseconds(message.created_at)
    body: dict[str, Any] = {
        "id": post_urn(message),
        "author": organisation_urn(page),
        "commentary": little(message.text),
        "visibility": "PUBLIC",
        "lifecycleState": "PUBLISHED",
        "lifecycleStateInfo": {"isEditedByAuthor": False},
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "isReshareDisabledByAuthor": False,
        "createdAt": at - 1500,
        "publishedAt": at,
        "lastModifiedAt": at + 700,
    }
    if message.kind == "repost":
        whose = message.reposted_id
        shared = _post_urn(whose) if whose else f"urn:li:share:{message.message_id - 1}"
        body["reshareContext"] = {"parent": shared, "root": shared}
    return body


def advertisement(page: WorldAccount, before: Message) -> dict[str, Any]:
    """A post that was made for an advertisement only: the page does not show it."""
    shown = post(page, before)
    hidden = {**shown["distribution"], "feedDistribution": "NONE"}
    return {**shown, "id": f"urn:li:share:{before.message_id + 1}", "distribution": hidden}


def comment(
    page: WorldAccount, message: Message, answers: int, *, is_obfuscated: bool = False
) -> dict[str, Any]:
    """A comment; `parentComment` only of one on a comment, `commentsSummary` only of one that was
    answered. Obfuscated: the member did not let his data be shared."""
    actor = organisation_urn(page) if message.author is None else person_urn(message.author)
    at = milliseconds(message.created_at)
    body: dict[str, Any] = {
        "actor": actor,
        "commentUrn": comment_urn(message.root_id, message.message_id),
        "created": {"actor": actor, "time": at},
        "lastModified": {"actor": actor, "time": at},
        "id": str(message.message_id),
        "message": {"attributes": [], "text": message.text},
        "object": f"urn:li:activity:{message.root_id}",
        "likesSummary": {"selectedLikes": [], "totalLikes": 0, "aggregatedTotalLikes": 0},
    }
    if message.parent_id not in (None, message.root_id):
        body["parentComment"] = comment_urn(message.root_id, int(message.parent_id or 0))
    if answers:
        body["commentsSummary"] = {
            "selectedComments": [],
            "totalFirstLevelComments": answers,
            "aggregatedTotalComments": answers,
        }
    if is_obfuscated:
        del body["actor"], body["created"]["actor"], body["lastModified"]
    return body


def consents(person: Person) -> bool:
    """Whether a member lets page owners export what he did."""
    return person.user_id % 3 != 0


def social_metadata(reactions: int, direct: int, total: int) -> dict[str, Any]:
    """Reactions by kind (those that exist), comments by level."""
    kinds = {"LIKE": reactions - reactions // 4, "PRAISE": reactions // 4}
    return {
        "commentsState": "OPEN",
        "commentSummary": {"count": total, "topLevelCount": direct},
        "reactionSummaries": {
            kind: {"reactionType": kind, "count": count} for kind, count in kinds.items() if count
        },
    }


def statistics(reactions: int, comments: int, shares: int, salt: str) -> dict[str, Any]:
    """totalShareStatistics: whole numbers that go together."""
    chance = int.from_bytes(hashlib.blake2b(salt.encode(), digest_size=4).digest(), "big")
    unique = 20 + 9 * (reactions + comments) + chance % 40
    seen, clicks = unique + unique // 3, reactions + chance % 7
    return {
        "uniqueImpressionsCount": unique,
        "impressionCount": seen,
        "clickCount": clicks,
        "likeCount": reactions,
        "commentCount": comments,
        "shareCount": shares,
        "engagement": (clicks + reactions + comments + shares) / seen,
    }


def days(start: int, end: int, now: datetime) -> list[tuple[int, int]]:
    """The whole UTC days of [start, end) of which there are statistics: those of the last year."""
    oldest = milliseconds(now - timedelta(days=365))
    first = -(-max(start, oldest) // DAY_MS) * DAY_MS
    last = min(end, milliseconds(datetime.combine(now.date(), datetime.min.time(), UTC)))
    return [(day, day + DAY_MS) for day in range(first, last - DAY_MS + 1, DAY_MS)]
