"""The short way of a GET is httpx's way, seen from the server: same address, headers, errors."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import httpx
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from klankbord.http_wire import Wire, decode
from klankbord.verdicts import ServerError

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(scope="module")
def server() -> Iterator[SimpleNamespace]:
    """Tells what it was asked; `answer(handler)` may do something else."""
    seen = SimpleNamespace(asked=[], answer=None)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            seen.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            if seen.answer:
                seen.answer(self)
            else:
                reply(self, b'{"ok": true}')

        def log_message(self, *_):
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.daemon_threads = True
    seen.url = f"http://127.0.0.1:{made.server_port}"
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield seen
    made.shutdown()
    made.server_close()


@pytest.fixture
def web(server, monkeypatch) -> SimpleNamespace:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    server.asked.clear()
    server.answer = None
    return server


def reply(handler, body, status=200, **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def wire(**options) -> Wire:
    return Wire({"Authorization": "Bearer t", "User-Agent": "k"}, timeout=2, **options)


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
queries = st.dictionaries(st.text(min_size=1, max_size=5), values, max_size=4)
paths = st.sampled_from(["/p", "/p?a=1&b=%2C", "/r/(id:1,x:List(a))?q=(a:b)", "/é ü", ""])

headers = st.dictionaries(
    st.sampled_from(["X-A", "user-agent", "Authorization"]), st.sampled_from(["a", "Bearer b"])
)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=paths, query=queries, own=headers)
@example(path="/p?a=1", query={"a": "2", "c": [1, "x"]}, own={})
def test_what_goes_out_is_what_httpx_would_send(web, path, query, own):
    url = httpx.URL(web.url + path)
    short, long = wire(trust_env=False), wire(trust_env=False)
    assert short._pool
    long._pool = None
    addresses = set()
    for each in (short, long):
        answer = each.send(url, query, "GET /p", headers=own)
        assert decode(answer) == {"ok": True}
        addresses.add(answer.request.url.raw_path)
        each.close()
    assert len(addresses) == 1, "what `classify` may look at"
    one, other = web.asked[-2:]
    assert one == other, "the same address and headers"
    assert one[1]["authorization"] == own.get("Authorization", "Bearer t")


@pytest.mark.parametrize("body", [b'{"n": "\\u00e9"}', '{"n": "é"}'.encode("utf-16")])
def test_a_packed_answer_is_unpacked(web, body):
    web.answer = lambda handler: reply(handler, gzip.compress(body), Content_Encoding="gzip")
    answer = wire(trust_env=False).send(httpx.URL(web.url), {}, "GET /")
    assert decode(answer) == {"n": "é"}
    assert answer.headers["content-encoding"] == "gzip"


def test_an_answer_that_cannot_be_unpacked_is_a_broken_connection(web):
    web.answer = lambda handler: reply(handler, b"no gzip", Content_Encoding="gzip")
    with pytest.raises(ServerError, match="DecodingError") as caught:
        wire(trust_env=False).send(httpx.URL(web.url), {"access_token": "secret"}, "GET /")
    assert caught.value.reason == "connection"
    assert "secret" not in str(caught.value)


def test_an_answer_that_is_cut_off_is_a_broken_connection(web):
    def cut(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b'{"ok":')
        handler.close_connection = True

    web.answer = cut
    with pytest.raises(ServerError, match="RemoteProtocolError") as caught:
        wire(trust_env=False).send(httpx.URL(web.url), {}, "GET /")
    assert caught.value.reason == "connection"


def test_nobody_there_and_no_answer_in_time(web):
    with pytest.raises(ServerError, match="ConnectError") as caught:
        wire(trust_env=False).send(httpx.URL("http://127.0.0.1:1/p"), {}, "GET /p")
    assert caught.value.reason == "connection"
    web.answer = lambda handler: time.sleep(0.5)
    late = Wire({}, timeout=0.1, trust_env=False)
    with pytest.raises(ServerError, match="no answer in time") as caught:
        late.send(httpx.URL(web.url), {}, "GET /")
    assert caught.value.reason == "timeout"


def test_a_connection_that_the_server_closed_is_not_used_again(web):
    def once(handler):
        reply(handler, b"{}")
        handler.close_connection = True  # without saying so

    web.answer = once
    each = wire(trust_env=False)
    for _ in range(3):
        assert decode(each.send(httpx.URL(web.url), {}, "GET /")) == {}
        time.sleep(0.02)


def test_redirects_and_cookies_are_not_followed(web):
    web.answer = lambda h: reply(h, b"{}", 302, Location="/elsewhere", Set_Cookie="a=b")
    each = wire(trust_env=False)
    assert [each.send(httpx.URL(web.url), {}, "GET /").status_code for _ in range(2)] == [302, 302]
    assert [path for path, _ in web.asked] == ["/", "/"]
    assert "cookie" not in web.asked[1][1]


def test_behind_a_proxy_the_proxy_is_asked(web, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", web.url)
    each = wire(trust_env=True)
    assert decode(each.send(httpx.URL("http://platform.test/p"), {"a": 1}, "GET /p")) == {
        "ok": True
    }
    assert web.asked[0][0] == "http://platform.test/p?a=1"
    sandboxed = wire(trust_env=False)
    assert sandboxed._pool
    sandboxed.send(httpx.URL(web.url + "/direct"), {}, "GET /direct")
    assert web.asked[1][0] == "/direct", "the sandbox does not look at the environment"


def test_headers_of_a_request_do_not_stay(web):
    each = wire(trust_env=False)
    each.send(httpx.URL(web.url), {}, "GET /", headers={"authorization": "Bearer owner"})
    each.send(httpx.URL(web.url), {}, "GET /")
    assert [said["authorization"] for _, said in web.asked] == ["Bearer owner", "Bearer t"]


def test_numbers_and_text_arrive_as_they_were_said(web):
    said = b'{"id": 18446744073709551616, "x": 1e400, "t": "\\ud83d", "n": "a\\u0000"}'
    web.answer = lambda handler: reply(handler, said)
    answer = decode(wire(trust_env=False).send(httpx.URL(web.url), {}, "GET /"))
    assert answer == json.loads(said)
    assert answer["id"] == 2**64
