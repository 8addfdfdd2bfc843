"""LinkedIn's REST API as text: versions, Rest.li's encodings, its errors, its "little text".

Known from documentation and from how others call it; no real server was asked from here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx

from klankbord.verdicts import Kind, Verdict, parse_reset

RESTLI = "2.0.0"
#: A version lives "a minimum of one year"; then every call with it is a 426.
WARN_BEFORE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Version:
    """A value of the header LinkedIn-Version and the day from which LinkedIn may refuse it."""

    name: str
    sunset_on: date


#: Renewed by hand, once a year: read the release notes in between, change both here.
#: Sources: learn.microsoft.com/linkedin/marketing/versioning and .../marketing/integrations/
#: migrations (the dated table; for 202607 the promised year), .../linkedin/dma.
VERSIONS: Mapping[str, Version] = {
    "community": Version("202607", date(2027, 7, 15)),
    "dma": Version("202605", date(2027, 5, 15)),
}

#: Metric of the DMA's analytics -> LinkedIn's name for the same figure in Community Management,
#: which the registry of metrics has: one figure has one name, whichever way it came.
METRICS = {
    "IMPRESSIONS": "impressionCount",
    "UNIQUE_IMPRESSIONS": "uniqueImpressionsCount",
    "CLICKS": "clickCount",
    "COMMENTS": "commentCount",
    "REACTIONS": "likeCount",
    "REPOSTS": "shareCount",
}


def version_warning(route: str, today: date) -> str | None:
    """One sentence when the version of a route ends soon or is over; None while it is young."""
    version = VERSIONS[route]
    if today < version.sunset_on - WARN_BEFORE:
        return None
    ends = "may be refused since" if today >= version.sunset_on else "may be refused from"
    return (
        f"LinkedIn-Version {version.name} {ends} {version.sunset_on}: read the changes since and "
        "renew VERSIONS in platforms/linkedin_answers.py."
    )


def urn(kind: str, number: str) -> str:
    """urn:li:organization:1234."""
    return f"urn:li:{kind}:{number}"


def key(value: str) -> str:
    """A key in a path or a value in a query: all of it encoded, once."""
    return quote(value, safe="")


def listed(values: Iterable[str]) -> str:
    """List(a,b): the values encoded, what holds them not."""
    return f"List({','.join(map(key, values))})"


def between(start: int, end: int, granularity: str = "DAY") -> str:
    """timeIntervals of [start, end) in milliseconds since 1970."""
    return f"(timeRange:(start:{start},end:{end}),timeGranularityType:{granularity})"


def address(path: str, **query: str | int) -> str:
    """A path with its query, whose values are encoded already: Rest.li's brackets stay as they
    are, and a client that encodes them turns the request into another one."""
    return f"{path}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


def next_cursor(answer: Mapping[str, Any]) -> str | None:
    """Where the next page of a DMA finder begins. The documentation spells its place
    "paginationCursorMetdata"; the right spelling is read as well."""
    metadata = answer.get("metadata") or {}
    names = ("paginationCursorMetdata", "paginationCursorMetadata")
    place = next((metadata[name] for name in names if metadata.get(name)), metadata)
    return place.get("nextPaginationCursor")


def milliseconds(moment: datetime) -> int:
    """A moment as LinkedIn counts it."""
    return int(moment.timestamp() * 1000)


def moment(value: Any) -> datetime:
    """A moment of LinkedIn's, aware."""
    return datetime.fromtimestamp(int(value) / 1000, UTC)


def count_of(count: Any) -> int | float | None:
    """A count: a number, or {"long": 5} or {"bigDecimal": "0.25"}."""
    if isinstance(count, Mapping):
        if "long" in count:
            return int(count["long"])
        return float(Decimal(count["bigDecimal"])) if "bigDecimal" in count else None
    return count


_TEMPLATE = re.compile(r"\{hashtag\|(?:\\?#|＃)\|((?:[^\\}]|\\.)*)\}")
_MENTION = re.compile(r"@\[((?:[^\\\]]|\\.)*)\]\(urn:li:[A-Za-z]+:[^()]*\)")
_ESCAPED = re.compile(r"\\([|{}@\[\]()<>#\\*_~])")


def plain_text(commentary: str) -> str:
    """What people read of a post in "little text": tags, mentions and escapes resolved."""
    text = _TEMPLATE.sub(r"#\1", commentary)
    return _ESCAPED.sub(r"\1", _MENTION.sub(r"@\1", text))


#: Error codes of a token that is dead, and of one that may not.
_DEAD = frozenset({"EXPIRED_ACCESS_TOKEN", "REVOKED_ACCESS_TOKEN", "INVALID_ACCESS_TOKEN"})


def classify(response: httpx.Response) -> Verdict:
    """HTTP status first, then `code` and `serviceErrorCode`. A message may name a page or a member,
    so only the codes are passed on."""
    if response.is_success:
        return Verdict(Kind.OK)
    error = _error(response)
    status, code = response.status_code, error.get("code")
    detail = f"(LinkedIn {code or '-'}/{error.get('serviceErrorCode', '-')})"
    if status == 429:
        return Verdict(Kind.THROTTLED, "throttled", detail, _again_at(response, error))
    if status == 401 or code in _DEAD:
        return Verdict(Kind.REFUSED, "token_expired", detail)
    if status == 403:
        return Verdict(Kind.REFUSED, "permission", detail)
    if status in (404, 410):
        return Verdict(Kind.GONE, "account_not_found", detail)
    if status == 426:
        return Verdict(
            Kind.BAD_REQUEST,
            "version_sunset",
            f"{detail}: LinkedIn refuses our version; renew VERSIONS in linkedin_answers.py",
        )
    if response.is_server_error:
        return Verdict(Kind.RETRY, "server_error", detail)
    return Verdict(Kind.BAD_REQUEST, "bad_request", detail)


def _error(response: httpx.Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _again_at(response: httpx.Response, error: Mapping[str, Any]) -> datetime | None:
    """Retry-After where it is given. A limit of the day ends at midnight UTC, one that names no day
    after a minute (the DMA's finders take one request in 60 seconds)."""
    told = parse_reset(response.headers.get("retry-after"))
    if told:
        return told
    now = datetime.now(UTC)
    if "DAY" in str(error.get("message", "")).split():
        return datetime.combine(now.date() + timedelta(days=1), time.min, UTC)
    return now + timedelta(seconds=60)
