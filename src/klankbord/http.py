"""One HTTP client for every platform: budget, pacing, retries by `classify`, typed errors.

It logs the method, path and status of a request, never a header or a query (contract 10). What an
answer means stands in klankbord.verdicts.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

import httpx
import msgspec

from klankbord.budget import Charge, Purpose
from klankbord.verdicts import (
    BadRequest,
    Classify,
    Gone,
    Kind,
    Refused,
    RequestError,
    ServerError,
    Throttled,
    Verdict,
)

log = logging.getLogger(__name__)
TRIES = 4
BACKOFF_SECONDS = 0.2
TIMEOUT = httpx.Timeout(20, connect=5)
DEFAULT_WAIT = timedelta(minutes=15)
#: of a body that anybody may serve (a feed); a gigabyte of zeroes packs into a megabyte
MOST_BYTES = 8 * 1024 * 1024
_url = lru_cache(maxsize=256)(httpx.URL)  # parsing takes longer than asking a cache
_parse = msgspec.json.Decoder().decode


class Purse(Protocol):
    """What pays for requests (`klankbord.purse.Budget`)."""

    def before(self, url: httpx.URL, params: Mapping[str, Any], purpose: Purpose | None) -> Charge:
        """Take what a request can cost, or raise Throttled or BudgetShort."""

    def after(self, charge: Charge, url: httpx.URL, body: Any, headers: Mapping[str, str]) -> None:
        """Settle it by what came (None: nothing)."""

    def close(self) -> None:
        """Give back what was not spent."""


def _decode(response: httpx.Response) -> Any:
    """The JSON of an answer; ValueError when it is none. msgspec is four times as fast, and
    stricter: what it does not take (half a surrogate pair, another encoding) json may."""
    try:
        return _parse(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return response.json()


def _bounded(response: httpx.Response, limit: int, where: str) -> httpx.Response:
    """A streamed answer with its body read and unpacked; BadRequest when that is over `limit`."""
    body = bytearray()
    try:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > limit:
                raise BadRequest(f"{where}: the answer is over {limit:,} bytes.", "too_large")
    finally:
        response.close()
    packing = ("content-encoding", "content-length", "transfer-encoding")
    headers = [(k, v) for k, v in response.headers.multi_items() if k not in packing]
    return httpx.Response(
        response.status_code, headers=headers, content=bytes(body), request=response.request
    )


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
        budget: Purse | None = None,
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
        self._budget = budget
        self.request_count = 0

    def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        purpose: Purpose | None = None,
        page: tuple[str, int] | None = None,
    ) -> Any:
        """The JSON of `base_url + path` (or of an absolute URL), or a RequestError."""
        return self.get_response(path, params, headers=headers, purpose=purpose, page=page).json()

    def get_response(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        purpose: Purpose | None = None,
        page: tuple[str, int] | None = None,
    ) -> httpx.Response:
        """Like `get`, with headers; the body is known to be JSON and parsed once.

        headers: of this request, such as an owner's token. A path's own query is sent as it stands
        when there are no `params` (Rest.li's brackets must not be encoded). purpose: what the
        request is for, where it is not what is usual for its path; it decides what is given up
        first when the budget is short. page: (name, least) of a parameter that says how many
        objects may come: where the budget cannot pay for a whole page, fewer are asked for, down to
        `least`.
        """

        def send(url: httpx.URL, asked: Mapping[str, Any], where: str) -> httpx.Response:
            return self._send(url, asked, where, headers=headers)

        return self._ask("GET", path, {**(params or {})}, purpose, page, send, self._read)

    def get_bytes(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        purpose: Purpose | None = None,
        check: Callable[[bytes], None] | None = None,
        limit: int = MOST_BYTES,
    ) -> httpx.Response:
        """Like `get_response`, for a body that is no JSON, of at most `limit` bytes unpacked.

        What `classify` calls OK comes back with its status: 304 and redirects too, if it does so.
        `check` reads the body of a success and raises ServerError for what may be whole next time.
        """

        def send(url: httpx.URL, asked: Mapping[str, Any], where: str) -> httpx.Response:
            return self._send(url, asked, where, headers=headers, limit=limit)

        def read(response: httpx.Response, where: str) -> None:
            self._judge(response, where)
            if check and response.is_success:
                check(response.content)

        return self._ask("GET", path, {**(params or {})}, purpose, None, send, read)

    def post(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        purpose: Purpose | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The JSON that a form or a JSON body gets; what is in it (a token) stands in no address.

        Only for what reads: it is tried again like a GET.
        """

        def send(url: httpx.URL, asked: Mapping[str, Any], where: str) -> httpx.Response:
            return self._send(url, asked, where, headers=headers, form=form, json=json)

        return self._ask("POST", path, {**(params or {})}, purpose, None, send, self._read).json()

    def _ask(
        self,
        method: str,
        path: str,
        asked: dict[str, Any],
        purpose: Purpose | None,
        page: tuple[str, int] | None,
        send: Callable[[httpx.URL, Mapping[str, Any], str], httpx.Response],
        read: Callable[[httpx.Response, str], Any],
    ) -> httpx.Response:
        """Pay, send and read until the answer is good, or the tries are used up."""
        url = _url(path if path.startswith("http") else self.base_url + path)
        where = f"{method} {url.path}"
        if self._only_loopback and url.host not in ("127.0.0.1", "localhost", "::1"):
            raise RequestError(f"{where}: the sandbox is on, and {url.host} is not it.")
        problem: RequestError | None = None
        for attempt in range(TRIES):
            if attempt:
                time.sleep(self._backoff * 2 ** (attempt - 1))
            charge = self._pay(url, asked, purpose, page)
            answer: httpx.Response | None = None
            body = None
            try:
                answer = send(url, asked, where)
                body = read(answer, where)
                return answer
            except ServerError as error:
                problem = error
            finally:
                if self._budget and charge:
                    self._budget.after(charge, url, body, answer.headers if answer else {})
        raise problem or ServerError(f"{where}: not asked.")

    def _pay(
        self,
        url: httpx.URL,
        asked: dict[str, Any],
        purpose: Purpose | None,
        page: tuple[str, int] | None,
    ) -> Charge | None:
        """Take the price of a request from the budget; changes the page size in `asked`."""
        while self._budget:
            try:
                return self._budget.before(url, asked, purpose)
            except RequestError:
                if page is None or asked[page[0]] <= page[1]:
                    raise
                asked[page[0]] = max(page[1], asked[page[0]] // 2)
        return None

    def _send(
        self,
        url: httpx.URL,
        asked: Mapping[str, Any],
        where: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        limit: int | None = None,
    ) -> httpx.Response:
        try:
            self._pace()
            query = {**asked, **self._params}
            if query and url.query:
                # httpx drops a URL's own query when params are given, so both are merged
                query = url.params.merge(query)
            request = self._http.build_request(
                "GET" if form is None and json is None else "POST",
                url,
                params=query or None,
                headers=headers,
                data=form,
                json=json,
            )
            response = self._http.send(request, stream=limit is not None)
            return response if limit is None else _bounded(response, limit, where)
        except httpx.TimeoutException as error:
            raise ServerError(f"{where}: no answer in time.", "timeout") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            broken = f"{where}: the connection broke ({type(error).__name__})."
            raise ServerError(broken, "connection") from error
        finally:
            self.request_count += 1

    def _read(self, response: httpx.Response, where: str) -> Any:
        """The JSON of an answer that is one; ServerError for what may work the next time."""
        self._judge(response, where)
        try:
            body = _decode(response)
        except ValueError as error:
            incomplete = f"{where}: the answer is not complete JSON."
            raise ServerError(incomplete, "malformed_answer") from error
        response.json = lambda: body  # type: ignore[method-assign]  # parsed once is enough
        return body

    def _judge(self, response: httpx.Response, where: str) -> None:
        """The error that the platform's answer means, if any."""
        log.debug("%s -> %s", where, response.status_code)
        verdict = self._classify(response)
        if verdict.kind is Kind.OK:
            return
        detail = f"{where}: {response.status_code} {verdict.detail}".strip()
        if verdict.kind is Kind.RETRY:
            raise ServerError(detail, verdict.reason)
        raise self._error(verdict, detail)

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
        """Close the connections and give back what is left of the budget."""
        if self._budget:
            self._budget.close()
        self._http.close()
