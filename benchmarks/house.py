"""A house of its own for a measurement: a runtime folder, a database, and what is served to it."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from klankbord import database, extraction, register, settings
from klankbord.database import service
from klankbord.sandbox.core import Sandbox
from klankbord.sandbox.server import run_in_thread
from klankbord.sandbox.world import World

NOW = datetime.fromisoformat("2026-09-30T20:00:00+00:00")


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Settings of these values and of nothing else, while the block runs."""
    saved = dict(os.environ)
    for name in settings.NAMES:
        os.environ.pop(name, None)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def empty_house(**values: str) -> Iterator[database.Access]:
    """The embedded PostgreSQL on a free port with everything prepared; gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="klankbord-benchmark-"))
    here = {"KLANKBORD_HOME": str(home), "KLANKBORD_POSTGRES_PORT": str(free_port())}
    with environment(**here, KLANKBORD_NOW=NOW.isoformat(), **values):
        try:
            with database.running() as access:
                database.prepare(access)
                yield access
        finally:
            if cluster := service.cluster():
                cluster.drop()
            shutil.rmtree(home, ignore_errors=True)


class National:
    """The sandbox over the whole register, and a warehouse that reads it."""

    def __init__(self, access: database.Access, world: World, sandbox: Sandbox) -> None:
        self.access, self.world, self.sandbox = access, world, sandbox
        self.start = NOW - timedelta(days=1)

    def at(self, moment: datetime) -> None:
        """Move both clocks."""
        os.environ["KLANKBORD_NOW"] = moment.isoformat()
        self.sandbox.set_clock(moment)

    def scan(self, *platforms: str) -> None:
        """Read platforms as the command line does: in one process."""
        for name in platforms:
            extraction.extract(self.access, name)


@contextmanager
def national() -> Iterator[National]:
    """The whole register with its made-up accounts, loaded."""
    bodies = register.read([settings.PROJECT_ROOT / "register"])
    world = World(bodies, 2016)
    sandbox = Sandbox(world, NOW)
    with run_in_thread(sandbox) as url:
        port = url.rsplit(":", 1)[1]
        with empty_house(KLANKBORD_SANDBOX="1", KLANKBORD_SANDBOX_PORT=port) as access:
            rows = replace(bodies, accounts=list(world.account_rows()))
            with access.connect("klankbord_loader") as connection:
                register.load(connection, rows, settings.now())
            yield National(access, world, sandbox)
