"""The whole job on servers that others wrote: what they were given is what Klankbord publishes.

Bluesky's own PDS and AppView and the emulator mastodon-mock are seeded with bodies of the register;
Airflow's DAGs read both and build; every published figure is compared with the seeds' own, which
klankbord.sandbox.truth computes in plain Python; test_whole_job_by_hand.py trusts no code.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.pipeline.test_known_answers import differences
from tests.real.job import DAGS, Done
from tests.real.seeded_world import SeededWorld

pytestmark = pytest.mark.slow


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


def wrong(done: Done, world: SeededWorld) -> set[str]:
    """The metrics that what is published has otherwise than another world."""
    lines = differences(done.job, done.truth(world))
    found = set(re.findall(r"'(M\d\d)[abc]?'", " ".join(lines)))
    return found | {"M28" for line in lines if "question" in line}


#: what each change is known to move and to leave alone; other metrics follow from the same counts
WATCHED = {"M01", "M02", "M03", "M05", "M06", "M11", "M21", "M22", "M26", "M28", "M29", "M30"}
SECOND = timedelta(seconds=1)
OTHERWISE = {
    "a follower less": (
        "bluesky",
        lambda plan: plan.follows.remove(("anke", "antwerpen")),
        {"M05", "M06"},
    ),
    "a follower more": (
        "mastodon",
        lambda plan: plan.follows.append(("farah", "brugge")),
        {"M05", "M06"},
    ),
    "a like more": ("bluesky", lambda plan: plan.likes.append(("farah", "gent-90")), {"M11"}),
    "a like less": ("mastodon", lambda plan: plan.likes.remove(("anke", "gent-60")), {"M11"}),
    "an answer later": ("bluesky", delay("antwerpen-a", SECOND), {"M28", "M29", "M30"}),
    "an answer sooner": ("mastodon", delay("mechelen-a2", -SECOND), {"M28", "M29", "M30"}),
    "an answer too late": (
        "bluesky",
        delay("leuven-a2", SECOND / 1000),
        {"M26", "M28", "M29", "M30"},
    ),
    # M02 and M22 keep their value: it is one of their cases
    "a post less": ("bluesky", drop("gent-90"), {"M02", "M03", "M11", "M21", "M22"}),
    "a reply less": ("bluesky", drop("kortrijk-a2"), {"M21", "M22", "M28"}),
    # M02 needs more days than were read in that month
    "silence": ("mastodon", drop("utrecht-1"), {"M03", "M11", "M21", "M22"}),
}


@pytest.mark.parametrize("otherwise", OTHERWISE)
def test_the_comparison_notices_what_is_otherwise(done, otherwise):
    """Each figure has its say: were something else seeded, exactly these would be wrong."""
    platform, change, metrics = OTHERWISE[otherwise]
    assert wrong(done, changed(platform, change)(done.world)) & WATCHED == metrics


def test_the_comparison_notices_an_account_that_nobody_has(done):
    other = SeededWorld(done.world.seeds)
    del other.accounts[0]
    assert {"M01", "M02", "M05"} <= wrong(done, other)
