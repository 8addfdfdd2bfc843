"""docker-compose.yml is accepted by Docker's own Compose and keeps what its comments promise.

That it runs is not shown here. Every rule is shown a fault that it must catch.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.compose_plugin import Compose, InvalidError, UnavailableError, fetch
from tests.conftest import skip_or_fail

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "docker-compose.yml"
PASSWORD = "p-4c0ffee"
LONG_RUNNING = {
    "postgres", "redis", "airflow-api-server", "airflow-scheduler", "airflow-dag-processor",
    "airflow-triggerer", "airflow-worker", "superset",
}  # fmt: skip
ONE_SHOTS = {"init", "superset-init", "dashboards"}
#: What the engine of the rehearsal cannot do, or an image would not be reproduced by.
KEPT_OUT = {
    "a syntax line": r"^#\s*syntax\s*=",
    "a heredoc": r"<<-?['\"]?[A-Z]",
    "an image by digest": r"@sha256:",
    "start_interval": r"\bstart_interval\b",
    "ulimits": r"\bulimits\b",
    "oom_score_adj": r"\boom_score_adj\b",
    "a build mount": r"--mount=",
}
Config = Callable[[str], dict]


@pytest.fixture(scope="session")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Compose:
    """Docker's Compose; skipped with the reason where it cannot be had, demanded in CI."""
    try:
        return fetch(tmp_path_factory.mktemp("compose"))
    except UnavailableError as error:
        skip_or_fail(str(error))


@pytest.fixture
def config(compose: Compose, tmp_path: Path) -> Config:
    """config(text) -> what Compose makes of a file, with a .env as its first comment asks for."""

    def render(text: str) -> dict:
        (tmp_path / "docker-compose.yml").write_text(text, encoding="utf-8")
        shutil.copy(ROOT / ".env.example", tmp_path / ".env")
        with (tmp_path / ".env").open("a") as file:
            file.write(f"KLANKBORD_COMPOSE_PASSWORD={PASSWORD}\nKLANKBORD_X_TOKEN=t-0ken\n")
        return compose.config(tmp_path, {})

    return render


def faults(services: dict[str, dict]) -> Iterator[str]:
    """Every promise that a rendered file breaks."""
    for name, service in services.items():
        if service.get("restart") != ("unless-stopped" if name in LONG_RUNNING else "no"):
            yield f"{name}: restart policy"
        check = service.get("healthcheck", {})
        if name in LONG_RUNNING and (not check.get("test") or check.get("disable")):
            yield f"{name}: no healthcheck"
        for port in service.get("ports", []):
            if port.get("host_ip") != "127.0.0.1":
                yield f"{name}: published beyond 127.0.0.1"
        for other, wait in service.get("depends_on", {}).items():
            wanted = (
                "service_healthy" if other in LONG_RUNNING else "service_completed_successfully"
            )
            if wait["condition"] != wanted:
                yield f"{name}: does not wait for {other}"
        if PASSWORD in str(service) and name not in ("postgres", "init"):
            yield f"{name}: knows the superuser's password"
        if "t-0ken" in str(service) and name != "airflow-worker":
            yield f"{name}: knows a platform's token"
        if "queue" in service.get("networks", {}) and not re.search("redis|scheduler|worker", name):
            yield f"{name}: reaches the queue"
        if service.get("privileged") or service.get("network_mode") == "host":
            yield f"{name}: is not confined"


def literal_secrets(text: str) -> Iterator[str]:
    """Values that look like a secret and are not taken from a variable."""
    for line in re.sub(r"(?m)(^|\s)#.*$", "", text).splitlines():
        name, _, value = line.strip().partition(":")
        value = value.strip().strip("\"'")
        if re.search(r"PASSWORD|SECRET|TOKEN|_KEY$", name) and not re.match(r"\$\{|$", value):
            yield line.strip()
        if re.search(r"://[^/@\s]*:(?!\$\{)[^/@\s]+@", line):
            yield line.strip()


def test_compose_accepts_it_with_all_services(config: Config) -> None:
    assert config(FILE.read_text())["services"].keys() == LONG_RUNNING | ONE_SHOTS


def test_it_keeps_its_promises(config: Config) -> None:
    assert list(faults(config(FILE.read_text())["services"])) == []


def test_it_says_what_to_do_without_a_password(compose: Compose, tmp_path: Path) -> None:
    shutil.copy(FILE, tmp_path)
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    with pytest.raises(InvalidError, match=r"KLANKBORD_COMPOSE_PASSWORD .*see step 1"):
        compose.config(tmp_path, {})


def test_it_holds_no_secret() -> None:
    assert list(literal_secrets(FILE.read_text())) == []


@pytest.mark.parametrize(
    "line",
    [
        "POSTGRES_PASSWORD: hunter2",
        "KLANKBORD_DSN: postgresql://klankbord_admin:hunter2@postgres:5432/klankbord",
        'AIRFLOW__API__SECRET_KEY: "abc"',
    ],
)
def test_a_literal_secret_is_caught(line: str) -> None:
    assert list(literal_secrets(f"{FILE.read_text()}\n      {line}\n")) == [line]


@pytest.mark.parametrize(
    "path", ["docker-compose.yml", "docker/pipeline.Dockerfile", "docker/superset.Dockerfile"]
)
def test_what_the_rehearsal_cannot_run_is_kept_out(path: str) -> None:
    text = (ROOT / path).read_text()
    found = [what for what, pattern in KEPT_OUT.items() if re.search(pattern, text, re.MULTILINE)]
    assert found == []


def test_the_build_context_is_an_allow_list() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert not [rule for rule in rules if re.match(r"!.*(\.env|\.git|\.klankbord|\*\*)", rule)]


#: (what is replaced, by what, the promise that breaks)
BROKEN_PROMISES = [
    ('"127.0.0.1:${KLANKBORD_AIRFLOW_PORT', '"${KLANKBORD_AIRFLOW_PORT', "published beyond"),
    ('"127.0.0.1:${KLANKBORD_SUPERSET', '"0.0.0.0:${KLANKBORD_SUPERSET', "published beyond"),
    ("healthcheck:\n      # over TCP", "x-check:\n      # over TCP", "postgres: no healthcheck"),
    ("init: {condition: service_completed_successfully}", "init: {condition: service_started}",
     "does not wait for init"),
    ("redis: {condition: service_healthy}", "redis: {condition: service_started}",
     "does not wait for redis"),
    ("restart: unless-stopped", "restart: on-failure", "restart policy"),
    ('KLANKBORD_COMPOSE_PASSWORD: ""', 'OTHER: ""', "worker: knows the superuser's password"),
    ("klankbord_admin@postgres", "klankbord_admin:${KLANKBORD_COMPOSE_PASSWORD}@postgres",
     "scheduler: knows the superuser's password"),
    ("command: [airflow, triggerer]", "command: [airflow, triggerer]\n    env_file: [.env]",
     "triggerer: knows a platform's token"),
    ('volumes: ["superset:/var/lib/superset"]\n    networks: [default, data]',
     'volumes: ["superset:/var/lib/superset"]\n    networks: [default, data, queue]',
     "superset: reaches the queue"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), BROKEN_PROMISES)
def test_a_broken_promise_is_caught(config: Config, old: str, new: str, said: str) -> None:
    text = FILE.read_text()
    assert old in text
    assert said in "\n".join(faults(config(text.replace(old, new))["services"]))


#: (what is replaced, by what): Compose itself must refuse these
INVALID = [
    ("    healthcheck:\n", "    healthchecks:\n"),
    ("condition: service_healthy", "condition: service_heathy"),
    ("networks: [queue]", "networks: [queues]"),
    ('volumes: ["redis:/data"]', 'volumes: ["rediss:/data"]'),
    ("postgres: {condition: service_healthy}", "postgresql: {condition: service_healthy}"),
    ("}:8088\"]", "}:80880\"]"),
    ("interval: 5s", "interval: five"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), INVALID)
def test_an_invalid_file_is_refused(config: Config, old: str, new: str) -> None:
    text = FILE.read_text()
    assert old in text
    with pytest.raises(InvalidError):
        config(text.replace(old, new))


def test_the_pinned_packages_have_its_executor() -> None:
    """celery 5.7 took away what the provider imports: seen only when the executor is loaded."""
    module = "airflow.providers.celery.executors.celery_executor"
    done = subprocess.run(
        [sys.executable, "-c", f"from {module} import CeleryExecutor"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.strip().splitlines()[-1]
