"""The whole job on servers that others wrote: what they were given is what Klankbord publishes.

Bluesky's own PDS and AppView and the emulator mastodon-mock are seeded with bodies of the register;
Airflow's DAGs read both of them and build; every published figure is compared with the seeds. The
seeds' figures are computed in plain Python (klankbord.sandbox.truth), and some by hand, below.
"""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from klankbord.database import Access
from klankbord.platforms.base import Window
from klankbord.register import Register
from klankbord.sandbox.truth import Truth
from tests.bluesky_world import need_packages
from tests.conftest import free_port
from tests.pipeline.days import empty_database
from tests.pipeline.test_known_answers import differences
from tests.real import whole_job_plan as plans
from tests.real.bluesky_network import bluesky_network
from tests.real.job import Job, write_archive, write_register
from tests.real.mastodon_network import mastodon_network
from tests.real.seeded_world import SeededWorld

pytestmark = pytest.mark.slow
DAGS = ("extract_bluesky", "extract_mastodon", "build_benchmark")
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
GENT, ANTWERPEN = "be-municipality-44021", "be-municipality-11002"
MECHELEN, BRUGGE = "be-municipality-12025", "be-municipality-31005"
LEUVEN, KORTRIJK = "be-municipality-24062", "be-municipality-34022"
UTRECHT, POLICE = "nl-municipality-gm0344", "be-police-zone-5345"
CLOSED, TAKEN_DOWN = "be-emergency-zone-1", "be-emergency-zone-antwerpen"


@dataclass(frozen=True)
class Done:
    """The job after its run; what was seeded; what the register says; what the DAGs said."""

    job: Job
    world: SeededWorld
    register: Register
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


@pytest.fixture(scope="module")
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
        empty_database(postgres, "klankbord_whole_job") as access,
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
            write_register(world, folder / "register"),
            write_archive(world, folder / "archive.csv"),
            plans.UNTIL,
        )
        job.airflow("setup")
        yield Done(job, world, register, job.airflow("run_dags", *DAGS))


def test_every_dag_ended_well(done):
    ended = {e["dag"]: e["state"] for e in done.events if e["event"] == "dag"}
    assert ended == dict.fromkeys(DAGS, "success")
    assert [e for e in done.events if e["event"] == "error"] == []


def test_every_figure_equals_what_was_seeded(done):
    """Of every organisation of the register, of every peer group, of every question."""
    assert differences(done.job, done.truth()) == []


def changed(platform: str, change: Callable) -> Callable[[SeededWorld], SeededWorld]:
    """A world whose plan of one platform is another one."""

    def apply(world: SeededWorld) -> SeededWorld:
        plan = deepcopy(world.seeds[platform].plan)
        change(plan)
        return SeededWorld({**world.seeds, platform: replace(world.seeds[platform], plan=plan)})

    return apply


def drop(key: str) -> Callable:
    def change(plan) -> None:
        plan.posts = [post for post in plan.posts if post.key != key]

    return change


def delay(key: str, by: timedelta) -> Callable:
    def change(plan) -> None:
        moment = next(name for name in ("at", "created_at") if hasattr(plan.posts[0], name))
        plan.posts = [
            replace(p, **{moment: getattr(p, moment) + by}) if p.key == key else p
            for p in plan.posts
        ]

    return change


RESPONSE = {"M26", "M28", "M29", "M30"}


@pytest.mark.parametrize(
    ("platform", "change", "metrics"),
    [
        ("bluesky", lambda plan: plan.follows.remove(("anke", "antwerpen")), {"M05", "M06"}),
        ("mastodon", lambda plan: plan.follows.append(("farah", "brugge")), {"M05", "M06"}),
        ("bluesky", lambda plan: plan.likes.append(("farah", "gent-90")), {"M11"}),
        ("mastodon", lambda plan: plan.likes.remove(("anke", "gent-60")), {"M11"}),
        ("bluesky", delay("antwerpen-a", timedelta(seconds=1)), {"M28", "M29", "M30"}),
        ("mastodon", delay("mechelen-a2", timedelta(seconds=-1)), {"M28", "M29", "M30"}),
        ("bluesky", delay("leuven-a2", timedelta(milliseconds=1)), RESPONSE),
        ("bluesky", drop("gent-90"), {"M03", "M11", "M21"}),
        ("bluesky", drop("kortrijk-a2"), {"M21", "M22", "M28"}),
        ("mastodon", drop("utrecht-1"), {"M02", "M03", "M11", "M21", "M22"}),
        ("mastodon", lambda plan: plan.accounts.remove(plan.accounts[0]), None),
    ],
)
def test_the_comparison_notices_what_is_otherwise(done, platform, change, metrics):
    """Each figure has its say: of another world, another one fails."""
    lines = differences(done.job, done.truth(changed(platform, change)(done.world)))
    found = set(re.findall(r"'(M\d\d)[abc]?'", " ".join(lines)))
    found |= {"M28"} if any("question" in line for line in lines) else set()
    assert found == metrics if metrics else "M01" in found
