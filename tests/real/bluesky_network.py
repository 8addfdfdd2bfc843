"""Bluesky's own PDS, AppView and PLC, from npm @atproto/dev-env, as a context manager.

They need node with tests/real/bluesky/node_modules, a redis-server and a PostgreSQL; redis is
started here, and everything is gone afterwards: processes, the database, the files.
"""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from tests.real.bluesky_plan import Plan, Seeded

FOLDER = Path(__file__).parent / "bluesky"
START_SECONDS = 180


@contextmanager
def bluesky_network(plan: Plan, postgres: Mapping[str, Any]) -> Iterator[Seeded]:
    """The servers with `plan` carried out. `postgres`: psycopg2 arguments of a superuser."""
    with (
        tempfile.TemporaryDirectory(prefix="bluesky-") as folder,
        _database(postgres) as url,
        _redis(Path(folder)) as redis,
        _node(plan, url, redis, Path(folder)) as made,
    ):
        appview = made["appview"].replace("localhost", "127.0.0.1")
        yield Seeded(plan, appview, made["dids"], made["uris"])


@contextmanager
def _database(postgres: Mapping[str, Any]) -> Iterator[str]:
    """A database of our own, dropped at the end."""
    name = f"bluesky_{os.urandom(4).hex()}"
    connection = psycopg2.connect(**postgres)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    login = f"{quote(postgres['user'])}:{quote(postgres['password'], safe='')}"
    try:
        yield f"postgresql://{login}@{postgres['host']}:{postgres['port']}/{name}"
    finally:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
        connection.close()


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    """A redis on a free port that stores nothing."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        "redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "",
        "--appendonly", "no", "--dir", str(folder),
    ]  # fmt: skip
    with _process(command, folder, "redis") as process:
        _wait(lambda: _answers(port), process, folder / "redis.err", 20)
        yield f"127.0.0.1:{port}"


@contextmanager
def _node(plan: Plan, url: str, redis: str, folder: Path) -> Iterator[dict[str, Any]]:
    """network.mjs; yields the line that it prints when all is seeded."""
    (folder / "plan.json").write_text(json.dumps(plan.as_json()))
    command = ["node", str(FOLDER / "network.mjs"), str(folder / "plan.json")]
    environment = {"DB_POSTGRES_URL": url, "REDIS_HOST": redis, "TMPDIR": str(folder)}
    with _process(command, folder, "node", environment) as process:
        output = folder / "node.out"
        line = _wait(lambda: _ready(output), process, folder / "node.err", START_SECONDS)
        yield json.loads(line)


@contextmanager
def _process(
    command: list[str], folder: Path, name: str, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen]:
    """A program in a process group of its own, ended with everything that it started."""
    output, errors = folder / f"{name}.out", folder / f"{name}.err"
    with output.open("w") as out, errors.open("w") as err:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=out, stderr=err, start_new_session=True,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
    try:
        yield process
    finally:
        process.stdin.close()
        for how in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, how)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
                break


def _wait(ready, process: subprocess.Popen, errors: Path, seconds: float):
    """What `ready()` gives once it gives something; fails with the program's last words."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if found := ready():
            return found
        time.sleep(0.1)
    last = "\n".join(errors.read_text().splitlines()[-15:])
    state = "took too long" if process.poll() is None else f"ended with {process.returncode}"
    raise RuntimeError(f"{Path(process.args[0]).name} {state} before it was ready:\n{last}")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _ready(output: Path) -> str | None:
    """The line of JSON that says everything is up; the servers may print before it."""
    text = output.read_text()
    lines = text[: text.rfind("\n") + 1].splitlines()
    return next((line for line in lines if line.startswith('{"appview"')), None)
