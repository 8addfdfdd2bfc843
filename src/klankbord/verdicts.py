"""What an answer means: typed errors, a platform's verdict on a response, moments in headers."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum

import httpx

from klankbord.errors import KlankbordError

#: where a platform does not say when its quota is filled again
DEFAULT_WAIT = timedelta(minutes=15)


class RequestError(KlankbordError):
    """A request that did not give a usable answer. `reason` is the outcome's reason."""

    reason = "request_failed"
    status = "failed"

    def __init__(self, detail: str, reason: str | None = None) -> None:
        super().__init__(detail)
        if reason:
            self.reason = reason


class ServerError(RequestError):
    """5xx, a broken connection, a time-out or a cut-off answer, after all retries."""

    reason = "server_error"


class BadRequest(RequestError):
    """The platform does not understand the request (an unknown field, say)."""

    reason = "bad_request"


class Refused(RequestError):
    """No permission, or a token that is dead or expired. Concerns this account or this request."""

    reason = "permission"
    status = "refused"


class Gone(RequestError):
    """The account or object does not exist (any more)."""

    reason = "account_not_found"
    status = "gone"


class Throttled(RequestError):
    """The quota is spent. Nobody sleeps: the caller comes back at `retry_at` (aware, UTC)."""

    reason = "throttled"

    def __init__(self, detail: str, retry_at: datetime, reason: str | None = None) -> None:
        super().__init__(detail, reason)
        self.retry_at = retry_at


class BudgetShort(RequestError):
    """What is left of the budget is kept for purposes that come before; nothing was asked."""

    reason = "budget_short"


class Kind(Enum):
    """What a response means."""

    OK = "ok"
    RETRY = "retry"
    THROTTLED = "throttled"
    REFUSED = "refused"
    GONE = "gone"
    BAD_REQUEST = "bad_request"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A platform's reading of one response. `retry_at` only with THROTTLED."""

    kind: Kind
    reason: str | None = None
    detail: str = ""
    retry_at: datetime | None = None


Classify = Callable[[httpx.Response], Verdict]


def error_of(verdict: Verdict, detail: str) -> RequestError:
    """The typed error of a verdict that says no for good (neither OK nor RETRY)."""
    if verdict.kind is Kind.THROTTLED:
        retry_at = verdict.retry_at or datetime.now(UTC) + DEFAULT_WAIT
        return Throttled(f"{detail} (again at {retry_at:%H:%M:%S} UTC)", retry_at, verdict.reason)
    kinds = {Kind.REFUSED: Refused, Kind.GONE: Gone, Kind.BAD_REQUEST: BadRequest}
    return kinds[verdict.kind](detail, verdict.reason)


def parse_reset(text: str | None, now: datetime | None = None) -> datetime | None:
    """A moment from a rate-limit header: epoch seconds or ms, ISO 8601, an HTTP date, or seconds.

    Numbers under 10^8 are seconds from now (Retry-After). None for what cannot be read.
    """
    if not text:
        return None
    text = text.strip()
    # a moment beyond what the machine's clock can hold is an OSError
    with contextlib.suppress(ValueError, OverflowError, OSError):
        number = float(text)
        if number != number or number < 0:
            return None
        if number < 1e8:
            return (now or datetime.now(UTC)) + timedelta(seconds=number)
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
    with contextlib.suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    with contextlib.suppress(ValueError, TypeError, IndexError, OverflowError):
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
