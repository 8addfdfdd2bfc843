"""The whole house in one process, for tests: sandbox, register, extraction, build, truth.

What Airflow adds (scheduling, pools, retries) is tested by itself; here the same functions run that
its tasks call.
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from klankbord import benchmark, database, extraction, register, settings
from klankbord.imports import archive as archive_import
from klankbord.platforms.base import Window, discover
from klankbord.sandbox import archive
from klankbord.sandbox.core import Sandbox
from klankbord.sandbox.server import run_in_thread
from klankbord.sandbox.world import World
from tests.pipeline.registers import bodies, part

NOW = datetime.fromisoformat("2026-09-30T20:00:00+00:00")


@dataclass
class House:
    """A warehouse and the sandbox that feeds it. `scans`: the moments that were scanned."""

    access: database.Access
    world: World
    sandbox: Sandbox
    register: register.Register
    scans: list[tuple[datetime, Window]] = field(default_factory=list)

    def at(self, moment: datetime) -> None:
        """Move the clock of the sandbox and of the pipeline."""
        os.environ["KLANKBORD_NOW"] = moment.isoformat()
        self.sandbox.set_clock(moment)

    def sync_register(self) -> None:
        with self.access.connect("klankbord_loader") as connection:
            register.load(connection, self.register, settings.now())

    def import_archive(self, folder) -> None:
        file = folder / "followers.csv"
        archive.write(self.world, file, settings.now())
        archive_import.load(self.access, file, settings.now())

    def scan(self, *platforms: str) -> dict[str, extraction.Extraction]:
        """Extract from the platforms (all of them by default) at the clock's moment."""
        moment = settings.now()
        if (moment, Window.ending(moment)) not in self.scans:
            self.scans.append((moment, Window.ending(moment)))
        return {
            name: extraction.extract(self.access, name) for name in platforms or tuple(discover())
        }

    def build(self, *, tested: bool = True) -> None:
        """dbt, gates, publication. Not `tested`: without dbt's data tests, half of a small house's
        time, where the figures are compared with the truth or have been tested before."""
        for step in benchmark.STEPS:
            benchmark.run(self.access, step, tested=tested)

    def rows(self, query: str, *parameters, role: str = "klankbord_loader") -> list[tuple]:
        with self.access.connect(role) as connection, connection.cursor() as cursor:
            cursor.execute(query, parameters)
            return cursor.fetchall()


@contextmanager
def open_house(
    access: database.Access,
    only: Collection[str] | None = None,
    seed: int = 2016,
    now: datetime = NOW,
    known: register.Register | None = None,
) -> Iterator[House]:
    """A house with its clock at `now`: with `only`, over the accounts of these organisations and,
    unless another register is `known`, one of them and some others; else over the whole one."""
    world = World(bodies(), seed, only=only)
    sandbox = Sandbox(world, now)
    saved = dict(os.environ)
    with run_in_thread(sandbox) as url:
        os.environ |= {
            "KLANKBORD_SANDBOX": "1",
            "KLANKBORD_NOW": now.isoformat(),
            "KLANKBORD_SANDBOX_PORT": url.rsplit(":", 1)[1],
        }
        try:
            known = known or (bodies() if only is None else part(frozenset(only)))
            house = House(
                access, world, sandbox, replace(known, accounts=list(world.account_rows()))
            )
            house.sync_register()
            yield house
        finally:
            os.environ.clear()
            os.environ.update(saved)
