"""One HTTP client for every platform: budget, pacing, retries by `classify`, typed errors.

It logs the method, path and status of a request, never a header or a query (contract 10). What an
answer means stands in klankbord.verdicts.
"""

import logging
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import httpx

from klankbord.budget import Purpose
from klankbord.http_gate import Gate, Purse
from klankbord.http_wire import Wire, decode
from klankbord.verdicts import Classify, Kind, RequestError, ServerError, error_of

log = logging.getLogger(__name__)
TRIES = 4
BACKOFF_SECONDS = 0.2
TIMEOUT = httpx.Timeout(20, connect=5)
#: of a body that anybody may serve (a feed); a gigabyte of zeroes packs into a megabyte
MOST_BYTES = 8 * 1024 * 1024
_url = lru_cache(maxsize=256)(httpx.URL)  # parsing takes longer than asking a cache


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
        self._http = Wire(
            {"User-Agent": "klankbord/0.1", **(headers or {})}, timeout, not only_loopback
        )
        self.base_url = base_url.rstrip("/")
        self._params = dict(params or {})
        self._classify = classify
        self._gate = Gate(budget, spacing_seconds, only_loopback)
        self._backoff = backoff_seconds
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
        self._gate.check(url, where)
        problem: RequestError | None = None
        for attempt in range(TRIES):
            if attempt:
                time.sleep(self._backoff * 2 ** (attempt - 1))
            charge = self._gate.pay(url, asked, purpose, page)
            answer: httpx.Response | None = None
            body = None
            try:
                answer = send(url, asked, where)
                body = read(answer, where)
                return answer
            except ServerError as error:
                problem = error
            finally:
                self._gate.settle(charge, url, body, answer.headers if answer else {})
        raise problem or ServerError(f"{where}: not asked.")

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
        self._gate.pace()
        try:
            query = {**asked, **self._params}
            return self._http.send(
                url, query, where, headers=headers, form=form, json=json, limit=limit
            )
        finally:
            self.request_count += 1

    def _read(self, response: httpx.Response, where: str) -> Any:
        """The JSON of an answer that is one; ServerError for what may work the next time."""
        self._judge(response, where)
        try:
            body = decode(response)
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
        raise error_of(verdict, detail)

    def close(self) -> None:
        """Close the connections and give back what is left of the budget."""
        self._gate.close()
        self._http.close()
