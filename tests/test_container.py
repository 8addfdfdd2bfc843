"""The containers' entry point and healthchecks, without containers."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from klankbord import secrets
from klankbord.database import Access
from orchestration import container

ROOT = Path(__file__).resolve().parents[1]
ACCESS = Access("postgres", 5432, "klankbord_admin", "")
HEALTH = {"scheduler": {"status": "healthy"}, "triggerer": {"status": "unhealthy"}}
PAGES = {"/health": (200, b"OK"), "/login/": (500, b""), "/api": (200, json.dumps(HEALTH).encode())}


class Pages(BaseHTTPRequestHandler):
    """Serves PAGES, 404 for the rest."""

    def do_GET(self) -> None:
        status, body = PAGES.get(self.path, (404, b""))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing on standard error."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server of PAGES."""
    http = HTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["pages", "{}/health"], 0),
        (["pages", "{}/health", "{}/login/"], 1),
        (["pages", "{}/nowhere"], 1),
        (["pages", "http://127.0.0.1:1/"], 1),
        (["airflow", "{}/api", "scheduler"], 0),
        (["airflow", "{}/api", "triggerer"], 1),
        (["airflow", "{}/api", "dag_processor"], 1),
        (["airflow", "{}/health", "scheduler"], 1),
    ],
)
def test_healthy_says_so_only_when_it_is(server: str, arguments: list[str], code: int) -> None:
    command = [sys.executable, "-S", ROOT / "docker" / "healthy.py"]
    command += [argument.format(server) for argument in arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert bool(done.stderr) is bool(code)  # a reason, for `docker inspect`


def test_what_compose_sets_comes_before_one_machine() -> None:
    given = {"AIRFLOW__CORE__EXECUTOR": "CeleryExecutor", "AIRFLOW__API__HOST": "0.0.0.0"}
    variables = container.environment(ACCESS, given)
    assert given.items() <= variables.items()
    password = secrets.secret("postgres_airflow")
    assert variables["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].endswith(
        f"airflow:{password}@postgres:5432/airflow"
    )


def test_superset_is_handed_its_own_secrets_and_no_others(tmp_path: Path) -> None:
    for _ in range(2):  # as often as one likes
        container.hand_over(ACCESS, tmp_path)
    files = {path.name: json.loads(path.read_text()) for path in tmp_path.iterdir()}
    assert files == {
        "klankbord.json": {
            "metadata_uri": ACCESS.url("superset", "superset"),
            "secret_key": secrets.secret("superset_key"),
        },
        "administrator.json": {"username": "admin", "password": secrets.secret("superset_admin")},
    }
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "Give a command"),
        (["airflo", "scheduler"], 127, "no program 'airflo'"),
        (["init"], 2, "init needs the folder"),
    ],
)
def test_a_wrong_command_is_one_sentence(
    arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert container.main(arguments) == code
    assert said in capsys.readouterr().err


def test_an_absent_database_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KLANKBORD_DSN", "postgresql://klankbord_admin:s3cret@127.0.0.1:1/klankbord")
    assert container.main(["init", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "PostgreSQL on 127.0.0.1:1 does not answer" in said
    assert "s3cret" not in said
