"""Owners' tokens: found where they may be, and nowhere else."""

import copy
import json
import logging
import os
import pickle
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from klankbord import settings, tokens
from klankbord.http import Client
from klankbord.tokens import Token, TokenError
from klankbord.verdicts import Kind, RequestError, Verdict

SECRET = "EAAB-very-secret-0123456789"


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("KLANKBORD_HOME", str(tmp_path))
    monkeypatch.setenv("KLANKBORD_SANDBOX", "0")
    return tmp_path


def put(home, text: str, mode: int = 0o600):
    file = home / "tokens" / "x" / "gent-x"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)
    return file


def test_the_environment_comes_before_the_file(own_home, monkeypatch):
    assert tokens.owner_token("x", "gent-x") is None
    put(own_home, f"{SECRET}\n2026-12-31\n")
    found = tokens.owner_token("x", "gent-x")
    assert found.reveal() == SECRET
    assert found.expires_at == datetime(2027, 1, 1, tzinfo=settings.LOCAL_ZONE)
    monkeypatch.setenv("KLANKBORD_TOKEN__X__GENT_X", "other")
    assert tokens.owner_token("x", "gent-x").reveal() == "other"
    assert tokens.for_connectors()("x", "gent-x") == "other"
    assert tokens.for_connectors()("x", "brugge-x") is None


def test_a_file_that_others_may_read_is_refused(own_home):
    file = put(own_home, SECRET, 0o640)
    with pytest.raises(TokenError, match="chmod 600") as caught:
        tokens.owner_token("x", "gent-x")
    assert SECRET not in str(caught.value)
    file.chmod(0o600)
    file.write_text(f"2026-12-31\n{SECRET}\n")  # the two lines in the wrong order
    with pytest.raises(TokenError) as caught:
        tokens.owner_token("x", "gent-x")
    assert SECRET not in f"{caught.value!s} {caught.value!r}"


def test_of_several_sources_the_first_that_has_one():
    found = tokens.first_of(lambda *_: None, lambda *_: Token("b"), lambda *_: Token("c"))
    assert found("x", "a").reveal() == "b"


def test_a_token_cannot_be_printed_or_sent():
    token = Token(SECRET, datetime(2026, 12, 31, tzinfo=UTC))
    for text in (repr(token), str(token), f"{token}", f"{token:>40}", str([token])):
        assert SECRET not in text
    for send in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            send(token)
    assert not hasattr(token, "__dict__")


def test_a_token_is_in_no_log_and_no_error_of_a_request(caplog):
    """A refused request over real HTTP, with everything logged."""
    import http.server
    import threading

    class Refuses(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(401)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Refuses)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with caplog.at_level(logging.DEBUG):
            client = Client(
                f"http://127.0.0.1:{server.server_port}",
                lambda _: Verdict(Kind.REFUSED, "token_expired", ""),
                params={"access_token": Token(SECRET).reveal()},
                headers={"Authorization": f"Bearer {Token(SECRET).reveal()}"},
                only_loopback=True,
            )
            with pytest.raises(RequestError) as caught:
                client.get("/me")
            client.close()
    finally:
        server.shutdown()
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("klankbord")]
    assert ours and SECRET not in f"{caught.value!s}{caught.value!r}{ours}"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("", None),
        ("2026-12-31T10:00:00+00:00", datetime(2026, 12, 31, 10, tzinfo=UTC)),
        ("2026-12-31T10:00:00", datetime(2026, 12, 31, 10, tzinfo=settings.LOCAL_ZONE)),
    ],
)
def test_expiries(text, moment):
    assert tokens.read_expiry(text, "here") == moment
    with pytest.raises(TokenError, match=r"here is no moment"):
        tokens.read_expiry("next year", "here")


def test_warnings_start_fourteen_days_ahead(warehouse):
    today = date(2026, 9, 30)
    with warehouse.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        for number, days in enumerate((14, 15, -1, 0)):
            cursor.execute(
                "insert into register.accounts (account_id, organisation_id, platform, handle,"
                " role, access_tier, is_synthetic, basis, source, recorded_at, source_file,"
                " source_line) values (%s, 'o', 'x', 'h', 'official', 'T3', false, 'declared',"
                " 's', now(), 'f', 1)",
                [f"a{number}"],
            )
            cursor.execute(
                "insert into register.consents values (%s, 'insights', '2026-01-01', null, %s,"
                " 'e', 'f', 1, now())",
                [f"a{number}", today + timedelta(days=days)],
            )
    found = {w.account_id: w.days_left for w in tokens.expiring(warehouse, today)}
    assert found == {"a2": -1, "a3": 0, "a0": 14}
    assert [w.account_id for w in tokens.expiring(warehouse, today)] == ["a2", "a3", "a0"]
    soon = datetime(2026, 10, 3, tzinfo=UTC)
    said = tokens.expiring(warehouse, today, lambda *_: Token(SECRET, soon))
    found = {w.account_id: w.days_left for w in said}
    assert found == {"a0": 3, "a1": 3, "a2": -1, "a3": 0}
    assert SECRET not in str([str(w) for w in said])


AIRFLOW = """
import json, sys
import klankbord_tokens as k
token = k.connection_token("x", "gent-x")
assert k.connection_token("x", "brugge-x") is None
assert token.reveal() == sys.argv[1] and str(token.expires_at) == "2026-12-31 00:00:00+00:00"
assert k.OWNER_TOKENS("x", "gent-x") == sys.argv[1]
from airflow.sdk.serde import serialize
try:
    serialize(token)
except TypeError as error:
    print("no XCom:", error)
print(token, repr(token))
"""


def test_airflows_connections_hold_tokens_and_xcom_refuses_them(tmp_path):
    connection = {
        "conn_type": "generic",
        "password": SECRET,
        "extra": {"expires_at": "2026-12-31T00:00:00+00:00"},
    }
    done = subprocess.run(
        [sys.executable, "-c", AIRFLOW, SECRET],
        env={
            **os.environ,
            "AIRFLOW_HOME": str(tmp_path),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/airflow.db",
            "PYTHONPATH": f"{settings.PROJECT_ROOT}/dags:{settings.PROJECT_ROOT}/src",
            "AIRFLOW_CONN_KLANKBORD_X__GENT-X": json.dumps(connection),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "no XCom:" in done.stdout
    assert SECRET not in done.stdout + done.stderr
