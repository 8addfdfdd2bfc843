"""Klankbord's own job, as an association runs it: register and archive from files, then Airflow."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from klankbord import airflow_home, register, settings
from klankbord.database import Access
from klankbord.database.cluster import ADMIN
from klankbord.imports import archive as archive_import
from klankbord.platforms.base import Window
from klankbord.sandbox.truth import Truth
from tests.real import whole_job_plan as plans
from tests.real.seeded_world import SeededWorld

DAGS = ("extract_bluesky", "extract_mastodon", "build_benchmark")
DEADLINE_SECONDS = 600


@dataclass(frozen=True)
class Job:
    """The programs over a warehouse of the test's own; `variables` are settings."""

    access: Access
    variables: Mapping[str, str]

    def load(self, folder: Path, archive: Path, now: datetime) -> register.Register:
        """Load the project's register with the accounts in `folder`, then the archive's file."""
        found = register.read([settings.PROJECT_ROOT / "register", folder])
        with self.access.connect("klankbord_loader") as connection:
            register.load(connection, found, now)
        archive_import.load(self.access, archive, now)
        return found

    def airflow(self, module: str, *arguments: str) -> list[dict]:
        """Run a module of `orchestration` to its end; the lines of JSON that it said."""
        with _settings({**self.variables, "KLANKBORD_DSN": _dsn(self.access)}):
            environment = airflow_home.environment(self.access)
        done = subprocess.run(
            [sys.executable, "-m", f"orchestration.{module}", *arguments],
            env=environment,
            cwd=settings.PROJECT_ROOT,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{module}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        lines = [x for x in done.stdout.splitlines() if x.startswith("KLANKBORD ")]
        return [json.loads(line.removeprefix("KLANKBORD ")) for line in lines]

    def rows(self, query: str, *parameters: object, role: str = "klankbord_reader") -> list[tuple]:
        """Rows of the warehouse, as Superset reads them unless `role` says otherwise."""
        with self.access.connect(role) as connection, connection.cursor() as cursor:
            cursor.execute(query, parameters or None)
            return cursor.fetchall()


@dataclass(frozen=True)
class Done:
    """The job after its run; what was seeded; what the register says; what the DAGs said."""

    job: Job
    world: SeededWorld
    register: register.Register
    events: list[dict]

    def truth(self, world: SeededWorld | None = None) -> Truth:
        """The figures of what was seeded, or of another world in its place."""
        world = world or self.world
        return Truth(
            world,
            self.register,
            [(plans.UNTIL, Window.ending(plans.UNTIL))],
            sorted(plans.archived(0)),
            failed=world.gone,
        )


@contextmanager
def _settings(variables: Mapping[str, str]) -> Iterator[None]:
    saved = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)


def _dsn(access: Access) -> str:
    return "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(
        **access.parameters(ADMIN)
    )


def write_archive(world: SeededWorld, file: Path) -> Path:
    """The counts of earlier studies, as `klankbord import archive` reads them."""
    rows = [[name, day, n, "an earlier study"] for (name, day), n in world.archive.items()]
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("account", "date", "followers", "source"))
        writer.writerows(rows)
    return file
