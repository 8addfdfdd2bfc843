"""One HTTP client for every platform: pacing, retries by a platform's `classify`, typed errors.

It logs the method, path and status of a request, never a header or a query (contract 10).
"""

import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

import httpx

from klankbord.errors import KlankbordError

log = logging.getLogger(__name__)
TRIES = 4
BACKOFF_SECONDS = 0.2
TIMEOUT = httpx.Timeout(20, connect=5)
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


class Client:
    """A paced client for one platform.

    auth: headers or query parameters that carry the token; they are added to each request here and
    appear nowhere else. `spacing_seconds`: least time between two requests.
    """

    def __init__(
        self,
        base_url: str,
        classify: Classify,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        spacing_seconds: float = 0.0,
        only_loopback: bool = False,
        backoff_seconds: float = BACKOFF_SECONDS,
        timeout: httpx.Timeout | float = TIMEOUT,
    ) -> None:
        self._http = httpx.Client(
            timeout=timeout,
            headers={"User-Agent": "klankbord/0.1", **(headers or {})},
            follow_redirects=False,
            trust_env=not only_loopback,
        )
        self.base_url = base_url.rstrip("/")
        self._params = dict(params or {})
        self._classify = classify
        self._spacing = spacing_seconds
        self._backoff = backoff_seconds
        self._next = 0.0
        self._only_loopback = only_loopback
        self.request_count = 0

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON of `base_url + path` (or of an absolute URL), or a RequestError."""
        return self.get_response(path, params).json()

    def get_response(self, path: str, params: Mapping[str, Any] | None = None) -> httpx.Response:
        """Like `get`, with headers; the body is known to be JSON."""
        url = path if path.startswith("http") else self.base_url + path
        where = f"GET {httpx.URL(url).path}"
        if self._only_loopback and httpx.URL(url).host not in ("127.0.0.1", "localhost", "::1"):
            raise RequestError(f"{where}: the sandbox is on, and {httpx.URL(url).host} is not it.")
        # httpx drops a URL's own query when params are given, so both are merged
        query = httpx.QueryParams(httpx.URL(url).params).merge({**(params or {}), **self._params})
        for attempt in range(1, TRIES + 1):
            if attempt > 1:
                time.sleep(self._backoff * 2 ** (attempt - 2))
            problem: RequestError
            try:
                self._pace()
                response = self._http.get(url, params=query)
            except httpx.TimeoutException:
                problem = ServerError(f"{where}: no answer in time.", "timeout")
                continue
            except httpx.TransportError as error:
                problem = ServerError(
                    f"{where}: the connection broke ({type(error).__name__}).", "connection"
                )
                continue
            finally:
                self.request_count += 1
            log.debug("%s -> %s", where, response.status_code)
            verdict = self._classify(response)
            if verdict.kind is Kind.OK:
                try:
                    response.json()
                except ValueError:
                    problem = ServerError(
                        f"{where}: the answer is not complete JSON.", "malformed_answer"
                    )
                    continue
                return response
            detail = f"{where}: {response.status_code} {verdict.detail}".strip()
            if verdict.kind is Kind.RETRY:
                problem = ServerError(detail, verdict.reason)
                continue
            raise self._error(verdict, detail)
        raise problem

    @staticmethod
    def _error(verdict: Verdict, detail: str) -> RequestError:
        if verdict.kind is Kind.THROTTLED:
            retry_at = verdict.retry_at or datetime.now(UTC) + DEFAULT_WAIT
            return Throttled(
                f"{detail} (again at {retry_at:%H:%M:%S} UTC)", retry_at, verdict.reason
            )
        kinds = {Kind.REFUSED: Refused, Kind.GONE: Gone, Kind.BAD_REQUEST: BadRequest}
        return kinds[verdict.kind](detail, verdict.reason)

    def _pace(self) -> None:
        wait = self._next - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self._next = time.monotonic() + self._spacing

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
