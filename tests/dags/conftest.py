"""Airflow around small houses. One house is run to its end; a test gets a copy of its warehouse."""

from collections.abc import Iterator

import pytest

from klankbord import database
from klankbord.sandbox.core import Sandbox
from klankbord.sandbox.server import run_in_thread
from klankbord.sandbox.world import World
from tests.conftest import free_port
from tests.dags.airflow_house import AirflowHouse, Run, database_of_its_own, write_accounts
from tests.pipeline.conftest import some_bodies
from tests.pipeline.house import NOW, bodies

PLATFORMS = ("bluesky", "facebook", "mastodon", "x")
EXTRACTIONS = tuple(f"extract_{name}" for name in PLATFORMS)
#: ten bodies of each type: some 200 accounts, of Bluesky more than one batch
BODIES_PER_TYPE = 10


@pytest.fixture(scope="session")
def lived_in(
    postgres: database.Access, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AirflowHouse]:
    """An empty warehouse, a running sandbox, Airflow's metadata and pools."""
    world = World(bodies(), only=some_bodies(BODIES_PER_TYPE))
    sandbox = Sandbox(world, NOW)
    folder = write_accounts(world, tmp_path_factory.mktemp("register"))
    with run_in_thread(sandbox) as url, database_of_its_own(postgres) as access:
        variables = {
            "KLANKBORD_SANDBOX": "1",
            "KLANKBORD_SANDBOX_PORT": url.rsplit(":", 1)[1],
            "KLANKBORD_NOW": NOW.isoformat(),
            "KLANKBORD_REGISTER": f"register:{folder}",
            "KLANKBORD_AIRFLOW_PORT": str(free_port()),
        }
        house = AirflowHouse(access, world, sandbox, variables)
        done = house.python("-m", "orchestration.setup")
        assert done.returncode == 0, done.stderr
        yield house


@pytest.fixture(scope="session")
def first_run(lived_in: AirflowHouse) -> Run:
    """Every DAG once, over an empty warehouse."""
    return lived_in.run("sync_register", *EXTRACTIONS, "build_benchmark")


@pytest.fixture
def house(lived_in: AirflowHouse, first_run: Run) -> Iterator[AirflowHouse]:
    """A copy of the house in which every DAG has run once, its clock at NOW, without faults."""
    with database_of_its_own(lived_in.access, lived_in.access.dbname) as access:
        yield AirflowHouse(access, lived_in.world, lived_in.sandbox, lived_in.variables)
    lived_in.sandbox.faults.clear()
    lived_in.sandbox.set_clock(NOW)
