"""The whole job on the real servers, once for all tests of this folder."""

from collections.abc import Callable, Iterator

import pytest

from klankbord.database import Access
from klankbord.register import Register
from klankbord.sandbox.register_files import write_register
from tests.bluesky_world import need_packages
from tests.conftest import free_port
from tests.databases import new_warehouse
from tests.real import whole_job_plan as plans
from tests.real.bluesky_network import bluesky_network
from tests.real.job import DAGS, Done, Job, write_archive
from tests.real.mastodon_network import mastodon_network
from tests.real.seeded_world import SeededWorld


@pytest.fixture(scope="package")
def done(
    needs: Callable[[str], str],
    postgres: Access,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Done]:
    needs("redis-server")
    need_packages()
    folder = tmp_path_factory.mktemp("job")
    with (
        bluesky_network(
            plans.bluesky(), postgres.parameters(postgres.admin, "postgres")
        ) as bluesky,
        mastodon_network() as emulator,
        new_warehouse(postgres) as access,
    ):
        seeds = {"bluesky": bluesky, "mastodon": emulator.seed(plans.mastodon())}
        world = SeededWorld(seeds)
        job = Job(
            access,
            {
                "KLANKBORD_SANDBOX": "0",
                "KLANKBORD_NOW": plans.UNTIL.isoformat(),
                "KLANKBORD_BLUESKY_URL": bluesky.url,
                "KLANKBORD_MASTODON_URL": emulator.base_url,
                "KLANKBORD_AIRFLOW_PORT": str(free_port()),
            },
        )
        register = job.load(
            write_register(Register(accounts=world.account_rows()), folder / "register"),
            write_archive(world, folder / "archive.csv"),
            plans.UNTIL,
        )
        job.airflow("setup")
        yield Done(job, world, register, job.airflow("run_dags", *DAGS))
