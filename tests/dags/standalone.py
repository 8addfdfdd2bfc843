"""A running `airflow standalone`, from outside: its REST API, its processes, its ports."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import psutil

from klankbord import airflow_home, processes
from tests.dags.airflow_house import DEADLINE_SECONDS, AirflowHouse

LOOK_SECONDS = 1.0
Json = dict[str, Any]


@dataclass
class Api:
    """Airflow's REST API, logged in as its administrator."""

    client: httpx.Client

    @classmethod
    def at(cls, port: int) -> "Api":
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60)
        answer = client.post(
            "/auth/token",
            json={"username": airflow_home.USER, "password": airflow_home.password()},
        )
        answer.raise_for_status()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return cls(client)

    def get(self, path: str, **params: Any) -> Json:
        return self.client.get(f"/api/v2/{path}", params=params).raise_for_status().json()

    def dags(self) -> set[str]:
        return {dag["dag_id"] for dag in self.get("dags")["dags"]}

    def unpause(self, dag_id: str) -> None:
        self.client.patch(f"/api/v2/dags/{dag_id}", json={"is_paused": False}).raise_for_status()

    def trigger(self, dag_id: str) -> None:
        self.client.post(
            f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None}
        ).raise_for_status()

    def runs(self) -> list[Json]:
        return self.get("dags/~/dagRuns", limit=100)["dag_runs"]

    def tasks(self, **params: Any) -> list[Json]:
        return self.get("dags/~/dagRuns/~/taskInstances", limit=100, **params)["task_instances"]


def until(ready: Callable[[], bool], what: str) -> None:
    """Look until it is so; the deadline is against hanging and says nothing of speed."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not ready():
        assert time.monotonic() < deadline, f"{what} did not come about"
        time.sleep(LOOK_SECONDS)


def members(process: processes.Process, house: AirflowHouse) -> list[psutil.Process]:
    """A program and everything that came from it, wherever it went."""
    dsn = house.environment()["KLANKBORD_DSN"]  # this house's, and nobody else's
    found = {psutil.Process(process.popen.pid)} if process.popen.poll() is None else set()
    found |= {child for parent in found for child in parent.children(recursive=True)}
    for other in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            if (
                os.getpgid(other.pid) == process.popen.pid
                or other.environ().get("KLANKBORD_DSN") == dsn
            ):
                found.add(other)
    return [p for p in found if is_alive(p)]


def is_alive(process: psutil.Process) -> bool:
    """Whether it runs; one that has ended and that nobody has waited for yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def listening(group: list[psutil.Process]) -> set[tuple[str, int]]:
    """(address, port) on which these processes wait for strangers."""
    return {
        (c.laddr.ip, c.laddr.port)
        for member in group
        for c in member.net_connections("inet")
        if c.status == psutil.CONN_LISTEN
    }
