"""After whatever happened between builds, the warehouse is what a full rebuild would have made.

Sequences are random, from a seed that is printed. KLANKBORD_INCREMENTAL_SEED, _STEPS and _EVENTS
ask for others, longer ones, and for names of events in their order:
`KLANKBORD_INCREMENTAL_STEPS=20 pytest tests/incremental`.
"""

import os
import random
from collections.abc import Sequence
from datetime import date

import pytest

from klankbord import benchmark, horizon, settings
from klankbord import warehouse as dbt
from klankbord.publish import swap
from tests.incremental.little_world import LittleWorld

LAYERS = ("intermediate", "marts", "reporting")
SCHEMAS = ("marts", "published")
STEPS = int(os.environ.get("KLANKBORD_INCREMENTAL_STEPS", "3"))
#: one seed in every run of the suite, others by hand: a run takes minutes
SEED = int(os.environ.get("KLANKBORD_INCREMENTAL_SEED", "7"))
#: names of methods of LittleWorld, the likelier the oftener; `days`: nothing but time passes
EVENTS = [
    *["late_answer", "backfill", "refusal", "silence", "set_aside", "removal", "days"] * 3,
    "archived",
    "moved",
    "owner_refusal",
    "withdrawal",
]
#: so few days of changes that periods of them are forgotten while the test runs
VARS = ["--vars", "change_days: 100"]
#: fed by nothing that happens here
LEFT_OUT = [
    *["*_incident*", "*survey*", "*target*"],
    *["fct_maturity", "*_maturity_evidence", "rpt_maturity*"],
]


@pytest.fixture
def world(warehouse, monkeypatch) -> LittleWorld:
    print(f"seed {SEED}")
    little = LittleWorld(warehouse, random.Random(SEED))
    _clock(little, monkeypatch)
    monkeypatch.setenv("KLANKBORD_SETTLED_STANDS", "1")
    little.declare()
    # the year before, for what is compared with it
    little.days_pass(265, every=12)
    little.days_pass(30)
    for _ in range(3):
        little.days_pass(60)
    little.days_pass(25)
    _clock(little, monkeypatch)
    dbt.run(warehouse, ["seed"])
    dbt.run(warehouse, ["run", "--select", "path:models/staging"])
    _build(little)
    return little


def test_a_build_of_what_is_open_equals_a_full_one(world: LittleWorld, monkeypatch) -> None:
    happened, horizons = [], []
    asked = os.environ.get("KLANKBORD_INCREMENTAL_EVENTS", "").split()
    for name in asked or [world.random.choice(EVENTS) for _ in range(STEPS)]:
        what = world.days_pass(world.random.choice([1, 2, 9])) if name == "days" else (
            getattr(world, name)()
        )  # fmt: skip
        _clock(world, monkeypatch)
        if not asked and world.random.random() < 0.3:
            _build(world, LAYERS[:2])  # and then the machine fails
        since = _build(world)
        horizons.append(since)
        reopened = [row[0] for row in _ask(world, "select account_id from builds.reopened")]
        happened.append(f"{world.today} {name} ({what}): open since {since}, and {reopened}")
    print("\n".join(happened))
    assert max(horizons) > horizon.EVERYTHING, "something was left standing"
    kept = _rows(world)
    assert kept["published.rpt_group_change"], "there is a year before"
    horizon.forget(world.access)
    assert _build(world) == horizon.EVERYTHING
    whole = _rows(world)
    assert kept.keys() == whole.keys()
    different = {
        table: (sorted(kept[table] - whole[table])[:3], sorted(whole[table] - kept[table])[:3])
        for table in whole
        if kept[table] != whole[table]
    }
    assert not different, (happened, different)


def _ask(world: LittleWorld, query: str) -> list[tuple]:
    with world.access.connect(horizon.ROLE) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def _clock(world: LittleWorld, monkeypatch) -> None:
    monkeypatch.setenv("KLANKBORD_NOW", world.now.isoformat())


def _build(world: LittleWorld, layers: Sequence[str] = LAYERS) -> date:
    """The build without data tests and gates, which compute nothing; returns its horizon."""
    access = world.access
    world.land()
    benchmark.analyse(access)
    horizon.look(access)
    dbt.run(access, ["run", "--select", *horizon.FIRST_MODELS, *VARS])
    since = horizon.widen(access)
    paths = [f"path:models/{layer}" for layer in layers]
    left_out = [*LEFT_OUT, *horizon.FIRST_MODELS]
    dbt.run(access, ["run", "--select", *paths, "--exclude", *left_out, *VARS])
    if layers == LAYERS:
        swap.publish(access, settings.now())
    return since


def _rows(world: LittleWorld) -> dict[str, set[str]]:
    """Every row of every table of marts and published, as text; each row once by its key."""
    found = {}
    with world.access.connect("klankbord_publisher") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select schemaname, tablename from pg_tables where schemaname = any(%s)"
            " and tablename <> 'publication'",
            [list(SCHEMAS)],
        )
        for schema, table in cursor.fetchall():
            cursor.execute(
                f"select t::text || ' x' || count(*) from {schema}.{table} as t group by t::text"
            )
            found[f"{schema}.{table}"] = {text for (text,) in cursor.fetchall()}
    return found
