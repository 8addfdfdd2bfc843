"""Airflow around small houses: each test gets a copy, of an empty house or of one that has run."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from klankbord import database
from klankbord.sandbox.core import Sandbox
from klankbord.sandbox.register_files import write_register
from klankbord.sandbox.server import run_in_thread
from klankbord.sandbox.world import World
from tests.conftest import free_port
from tests.dags.airflow_house import AirflowHouse, Run, copied
from tests.pipeline.house import NOW
from tests.pipeline.registers import bodies, part, some_bodies

PLATFORMS = ("bluesky", "facebook", "mastodon", "x")
EXTRACTIONS = tuple(f"extract_{name}" for name in PLATFORMS)
#: ten bodies of each type: some 200 accounts, of Bluesky more than one batch
BODIES_PER_TYPE = 10


@pytest.fixture(scope="session")
def empty_house(
    postgres: database.Access, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AirflowHouse]:
    """An empty warehouse, a sandbox, Airflow's metadata and pools; only ever copied."""
    names = some_bodies(BODIES_PER_TYPE)
    world = World(bodies(), only=names)
    sandbox = Sandbox(world, NOW)
    known = replace(part(frozenset(names)), accounts=list(world.account_rows()))
    folder = write_register(known, tmp_path_factory.mktemp("register"))
    with run_in_thread(sandbox) as url:
        variables = {
            "KLANKBORD_SANDBOX": "1",
            "KLANKBORD_SANDBOX_PORT": url.rsplit(":", 1)[1],
            "KLANKBORD_NOW": NOW.isoformat(),
            "KLANKBORD_REGISTER": str(folder),
            "KLANKBORD_AIRFLOW_PORT": str(free_port()),
        }
        house = AirflowHouse(postgres, "airflow", world, sandbox, variables)
        done = house.python("-m", "orchestration.setup")
        assert done.returncode == 0, done.stderr
        yield house


@pytest.fixture(scope="session")
def lived_in(empty_house: AirflowHouse) -> Iterator[tuple[AirflowHouse, Run]]:
    """A house in which every DAG has run once, and that run; only ever copied."""
    with copied(empty_house) as house:
        yield house, house.run("sync_register", *EXTRACTIONS, "build_benchmark")


@pytest.fixture
def house(lived_in: tuple[AirflowHouse, Run]) -> Iterator[AirflowHouse]:
    """A copy of the house in which every DAG has run once, at NOW."""
    with copied(lived_in[0]) as own:
        yield own
