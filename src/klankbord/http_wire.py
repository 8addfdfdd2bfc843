"""How a request goes out and its answer comes in: connections, headers, bytes. No judgement.

A GET goes to httpcore, the lower half of httpx, directly: of the time that a page of a hundred
posts takes, httpx's own layer (addresses, cookies, redirects, authentication, hooks) was a sixth.
Everything else, and everything behind a proxy, goes through httpx.
"""

from collections.abc import Mapping
from typing import Any
from urllib.request import getproxies

import httpcore
import httpx
import msgspec

from klankbord.verdicts import BadRequest, ServerError

KEEP_ALIVE_SECONDS = 5.0
_LATE = (httpx.TimeoutException, httpcore.TimeoutException)
_BROKEN = (
    httpx.TransportError,
    httpx.DecodingError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)
_parse = msgspec.json.Decoder().decode


def decode(response: httpx.Response) -> Any:
    """The JSON of an answer; ValueError when it is none. msgspec is four times as fast, and
    stricter: what it does not take (half a surrogate pair, another encoding) json may."""
    try:
        return _parse(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return response.json()


class _Answer(httpx.Response):
    """An answer whose `request` is made when somebody looks at it."""

    asked: tuple[httpx.URL, bytes]

    @property
    def request(self) -> httpx.Request:
        url, target = self.asked
        return httpx.Request("GET", url.copy_with(raw_path=target))


class Wire:
    """The connections of one client. `headers` go with every request.

    trust_env: whether the environment may name proxies and certificates.
    """

    def __init__(
        self, headers: Mapping[str, str], timeout: httpx.Timeout | float, trust_env: bool
    ) -> None:
        context = httpx.create_ssl_context(trust_env=trust_env)
        self._httpx = httpx.Client(
            timeout=timeout,
            headers=headers,
            follow_redirects=False,
            trust_env=trust_env,
            verify=context,
        )
        self.headers = self._httpx.headers
        self._options = {"timeout": self._httpx.timeout.as_dict()}
        proxies = getproxies() if trust_env else {}
        self._pool: httpcore.ConnectionPool | None = None
        if not proxies.keys() & {"http", "https", "all"}:
            self._pool = httpcore.ConnectionPool(context, keepalive_expiry=KEEP_ALIVE_SECONDS)

    def send(
        self,
        url: httpx.URL,
        query: Mapping[str, Any],
        where: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        limit: int | None = None,
    ) -> httpx.Response:
        """The answer to a GET, or to a POST where there is a form or JSON; `where` names it.

        query: a URL's own query is sent as it stands when this is empty, else both are sent.
        limit: of the body in bytes, unpacked. ServerError when nothing whole comes back.
        """
        params = None
        if query:  # httpx drops a URL's own query when params are given, so both are merged
            params = url.params.merge(query) if url.query else httpx.QueryParams(query)
        try:
            if form is None and json is None and limit is None and self._pool:
                return self._get(self._pool, url, params, headers)
            method = "GET" if form is None and json is None else "POST"
            request = self._httpx.build_request(
                method, url, params=params, headers=headers, data=form, json=json
            )
            response = self._httpx.send(request, stream=limit is not None)
            return response if limit is None else _bounded(response, limit, where)
        except _LATE as error:
            raise ServerError(f"{where}: no answer in time.", "timeout") from error
        except _BROKEN as error:
            broken = f"{where}: the connection broke ({type(error).__name__})."
            raise ServerError(broken, "connection") from error

    def _get(
        self,
        pool: httpcore.ConnectionPool,
        url: httpx.URL,
        params: httpx.QueryParams | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Response:
        target = url.raw_path
        if params is not None:
            target = b"%b?%b" % (target.partition(b"?")[0], str(params).encode("ascii"))
        sent = self.headers
        if headers:
            sent = httpx.Headers(sent)
            sent.update(headers)
        request = httpcore.Request(
            b"GET",
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=target),
            headers=[(b"Host", url.netloc), *sent.raw],
            extensions=self._options,
        )
        answer = pool.handle_request(request)
        try:
            body = answer.read()
        finally:
            answer.close()
        response = _Answer(answer.status, headers=answer.headers, stream=httpx.ByteStream(body))
        response.read()  # unpacks it
        response.asked = url, target
        return response

    def close(self) -> None:
        """Close the connections."""
        self._httpx.close()
        if self._pool:
            self._pool.close()


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
