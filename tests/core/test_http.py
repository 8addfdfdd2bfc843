"""The one client: retries, typed errors, clocks of all kinds, and silence about secrets."""

import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klankbord.http import Client
from klankbord.verdicts import (
    BadRequest,
    Gone,
    Kind,
    Refused,
    RequestError,
    ServerError,
    Throttled,
    Verdict,
    parse_reset,
)

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)


def classify(response: httpx.Response) -> Verdict:
    kinds = {
        200: Kind.OK,
        400: Kind.BAD_REQUEST,
        401: Kind.REFUSED,
        404: Kind.GONE,
        429: Kind.THROTTLED,
    }
    kind = kinds.get(response.status_code, Kind.RETRY)
    return Verdict(kind, retry_at=parse_reset(response.headers.get("retry-after")))


class Script:
    """A server that gives prepared answers in turn: (status, headers, body), None hangs up."""

    def __init__(self) -> None:
        self.answers: list = []
        self.seen: list[str] = []
        self.headers: list[dict] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                script.seen.append(self.path)
                script.headers.append(dict(self.headers))
                answer = script.answers.pop(0)
                if answer is None:
                    self.connection.close()
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def script() -> Iterator[Script]:
    made = Script()
    yield made
    made.server.shutdown()
    made.server.server_close()


def client(script: Script, **options) -> Client:
    return Client(
        script.url, classify, backoff_seconds=0.001, timeout=2, only_loopback=True, **options
    )


def test_token_goes_out_and_is_named_nowhere(script, caplog):
    script.answers = [(200, {}, {"a": 1}), (401, {}, {})]
    caplog.set_level(logging.DEBUG, "klankbord")
    asked = client(script, headers={"Authorization": "Bearer s3cret"}, params={"key": "s3cret"})
    assert asked.get("/p", {"x": "1"}) == {"a": 1}
    with pytest.raises(Refused) as caught:
        asked.get("/p")
    assert "s3cret" in script.seen[0]
    assert script.headers[0]["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in caplog.text + str(caught.value) + repr(caught.value)


def test_what_may_pass_is_tried_again(script):
    script.answers = [(503, {}, {}), None, (200, {}, b'{"cut": '), (200, {}, {"ok": True})]
    asked = client(script)
    assert asked.get("/p") == {"ok": True}
    assert asked.request_count == 4


@pytest.mark.parametrize(
    ("answers", "error", "reason"),
    [
        ([(500, {}, {})] * 4, ServerError, "server_error"),
        ([(200, {}, b"{")] * 4, ServerError, "malformed_answer"),
        ([None] * 4, ServerError, "connection"),
        ([(400, {}, {})], BadRequest, "bad_request"),
        ([(401, {}, {})], Refused, "permission"),
        ([(404, {}, {})], Gone, "account_not_found"),
        ([(429, {"Retry-After": "60"}, {})], Throttled, "throttled"),
    ],
)
def test_errors_are_typed_and_asked_no_more_than_needed(script, answers, error, reason):
    script.answers = list(answers)
    with pytest.raises(error) as caught:
        client(script).get("/p")
    assert caught.value.reason == reason
    assert "/p" in str(caught.value)
    assert len(script.seen) == len(answers)


def test_throttled_says_when(script):
    script.answers = [(429, {"Retry-After": "120"}, {})]
    with pytest.raises(Throttled) as caught:
        client(script).get("/p")
    left = caught.value.retry_at - datetime.now(UTC)
    assert timedelta(seconds=110) < left <= timedelta(seconds=120)


def test_a_query_in_the_address_and_parameters_are_both_sent(script):
    script.answers = [(200, {}, {})]
    client(script, params={"access_token": "t"}).get(f"{script.url}/p?after=abc", {"limit": 5})
    assert script.seen == ["/p?after=abc&limit=5&access_token=t"]


def test_the_sandbox_speaks_to_this_machine_only(script):
    with pytest.raises(RequestError, match="the sandbox is on"):
        client(script).get("https://graph.facebook.example/v26.0/me")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1790798400", datetime(2026, 9, 30, 20, tzinfo=UTC)),
        ("1790798400000", datetime(2026, 9, 30, 20, tzinfo=UTC)),
        ("1790798400.0", datetime(2026, 9, 30, 20, tzinfo=UTC)),
        ("2026-09-30T20:00:00.000Z", datetime(2026, 9, 30, 20, tzinfo=UTC)),
        ("2026-09-30T22:00:00+02:00", datetime(2026, 9, 30, 20, tzinfo=UTC)),
        ("Wed, 30 Sep 2026 20:00:00 GMT", datetime(2026, 9, 30, 20, tzinfo=UTC)),
        ("90", NOW + timedelta(seconds=90)),
        ("67768036191676796929", None),  # hypothesis found it
        ("86400", NOW + timedelta(days=1)),  # a day is no moment of 1970
        ("0", NOW),
        ("-5", None),
        ("", None),
        (None, None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_clocks_of_all_platforms(text, expected):
    assert parse_reset(text, NOW) == expected


@given(st.one_of(st.text(), st.integers().map(str), st.floats().map(str), st.datetimes().map(str)))
def test_no_header_breaks_the_clock(text):
    moment = parse_reset(text, NOW)
    assert moment is None or moment.tzinfo is not None
