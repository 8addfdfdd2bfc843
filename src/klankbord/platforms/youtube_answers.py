"""How YouTube answers: its refusals by reason, its pages, its moments and numbers.

Source: the error pages of the Data and Analytics APIs and Google's error model. A refusal comes in
the older form (`error.errors[].reason`), the newer one (`error.details[].reason`), or both.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from klankbord.platforms.refusals import BAD_METRIC, blame
from klankbord.verdicts import Kind, ServerError, Verdict, parse_reset

#: YouTube's days, of quotas and of insights, are those of California.
PACIFIC = ZoneInfo("America/Los_Angeles")
SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
DEAD_KEY = frozenset({"API_KEY_INVALID", "keyInvalid", "keyExpired", "ACCESS_TOKEN_EXPIRED"})
GONE = frozenset({"channelNotFound", "playlistNotFound", "videoNotFound", "commentNotFound"})
COMMENTS_DISABLED, QUOTA_SPENT = "comments_disabled", "quota_spent"
#: what the Analytics API says of a report with a metric that it does not know, or not there
BAD_REPORT = ("Unknown identifier", "The query is not supported")
SPEED_WAIT = timedelta(minutes=1)  # limits of speed are per minute
EMPTY_PAGES = 3  # in a row, each with a token for the next


def classify(response: httpx.Response) -> Verdict:
    """YouTube's reason counts before its HTTP status: most of its refusals are a 403.

    Its messages may name a channel or a video, never a person; only the reasons are passed on.
    """
    if response.is_success:
        return Verdict(Kind.OK)
    status, error = response.status_code, _error(response)
    reasons, is_daily = _reasons(error)
    detail = f"({', '.join(sorted(reasons)) or 'no reason given'})"
    if reasons & SPENT or (reasons & TOO_FAST and is_daily):
        return Verdict(Kind.THROTTLED, QUOTA_SPENT, detail, next_quota(datetime.now(UTC)))
    if reasons & TOO_FAST or status == 429:
        said = parse_reset(response.headers.get("retry-after"))
        return Verdict(Kind.THROTTLED, "throttled", detail, said or datetime.now(UTC) + SPEED_WAIT)
    if response.is_server_error:
        return Verdict(Kind.RETRY, "server_error", detail)
    if "commentsDisabled" in reasons:
        return Verdict(Kind.REFUSED, COMMENTS_DISABLED, detail)
    if status == 401 or reasons & DEAD_KEY:
        return Verdict(Kind.REFUSED, "token_expired", detail)
    if status == 403:
        return Verdict(Kind.REFUSED, "permission", detail)
    if status == 404 or reasons & GONE:
        return Verdict(Kind.GONE, "not_found", detail)
    message = str(error.get("message"))
    if any(words in message for words in BAD_REPORT):
        return Verdict(Kind.BAD_REQUEST, BAD_METRIC, blame(message))
    return Verdict(Kind.BAD_REQUEST, "bad_request", detail)


def _error(response: httpx.Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _reasons(error: Mapping[str, Any]) -> tuple[set[str], bool]:
    """(every reason that an error gives, whether its limit is one of a day)."""
    found = [each for name in ("errors", "details") for each in _dicts(error.get(name))]
    limits = (each.get("metadata") for each in found)
    is_daily = any("PerDay" in str(m.get("quota_limit")) for m in limits if isinstance(m, dict))
    return {each["reason"] for each in found if isinstance(each.get("reason"), str)}, is_daily


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def next_quota(now: datetime) -> datetime:
    """The next midnight in California: the day's units are given anew then."""
    tomorrow = now.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, PACIFIC).astimezone(UTC)


def resources(body: Any, path: str) -> list[dict[str, Any]]:
    """The `items` of an answer (absent: none); ServerError for what is no list of objects."""
    found = body.get("items", []) if isinstance(body, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ServerError(f"GET {path}: the answer has no list of items.", "malformed_answer")
    return found


def pages(
    ask: Callable[[Mapping[str, Any]], Any], path: str, params: Mapping[str, Any]
) -> Iterator[list[dict[str, Any]]]:
    """Every page of a list, without what came before. `ask` gives the answer to parameters.

    A short page is no end, no nextPageToken is one. A page that repeats what is known, or a token
    that came before, is a broken list: reported rather than taken for complete.
    """
    seen, tokens, empty = set[str](), set[str](), 0
    more: dict[str, Any] = {}
    while True:
        body = ask({**params, **more})
        page = resources(body, path)
        fresh = {row["id"]: row for row in page if row["id"] not in seen}
        seen |= fresh.keys()
        token = body.get("nextPageToken")
        empty = 0 if fresh else empty + 1
        if token in tokens or (page and not fresh) or (token and empty > EMPTY_PAGES):
            raise ServerError(f"GET {path}: YouTube repeats a page.", "repeated_page")
        yield list(fresh.values())
        if not token:
            return
        tokens.add(token)
        more = {"pageToken": token}


def moment(text: str) -> datetime:
    """2026-09-30T20:00:00Z, also with fractions; aware."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def whole(value: Any) -> int | None:
    """A counter, which YouTube writes as text; None when it does not give it."""
    return None if value is None else int(value)
