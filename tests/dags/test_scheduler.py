"""The real scheduler: one trigger of sync_register, and the rest follows from assets alone.

One `airflow standalone` lives through the whole story: every token of X has expired, and Bluesky
asks for patience in the middle. The tests look at what it left.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from klankbord import airflow_home, processes, secrets, settings
from klankbord.sandbox import routes_bluesky
from tests.dags.airflow_house import DEADLINE_SECONDS, AirflowHouse, copied
from tests.dags.conftest import EXTRACTIONS, PLATFORMS
from tests.dags.standalone import Api, Json, is_alive, listening, members, until
from tests.pipeline.house import NOW

pytestmark = pytest.mark.slow

DAGS = ("sync_register", *EXTRACTIONS, "build_benchmark")
#: long enough to be seen waiting for by one who looks every second
QUOTA = timedelta(seconds=10)


@dataclass(frozen=True)
class Story:
    """What was seen of one standalone from its start to its end."""

    house: AirflowHouse
    runs: list[Json]
    tasks: list[Json]
    waited: list[Json]  # task instances that were seen waiting for a quota
    processes: int
    listening: set[tuple[str, int]]
    survivors: list[str]
    folder: Path


def live(house: AirflowHouse, api: Api) -> list[Json]:
    """Trigger the register, look until everything has settled; returns the tasks seen waiting."""
    until(lambda: api.dags() >= set(DAGS), "the DAGs")
    for dag_id in DAGS:
        api.unpause(dag_id)
    api.trigger("sync_register")
    waiting: dict[tuple[str, int], Json] = {}

    def settled() -> bool:
        for task in api.tasks(state="up_for_reschedule"):
            waiting[task["task_id"], task["map_index"]] = task
        runs = api.runs()
        ended = {run["dag_id"] for run in runs if run["end_date"]}
        return ended == set(DAGS) and all(run["end_date"] for run in runs) and published(house)

    until(settled, "a publication with every platform that can answer")
    return list(waiting.values())


def published(house: AirflowHouse) -> bool:
    """Whether the three platforms that can answer are published in full."""
    [(there,)] = house.rows("select to_regclass('published.rpt_data_quality') is not null")
    return there and answered(house) == {
        name: sum(a.platform == name for a in house.world.accounts)
        for name in PLATFORMS
        if name != "x"
    }


def answered(house: AirflowHouse) -> dict[str, int]:
    """Platform -> accounts that answered today, as published; platforms without are left out."""
    return dict(
        house.rows(
            "select platform, max(accounts_ok) from published.rpt_data_quality"
            " where scan_on = %s and accounts_ok > 0 group by 1",
            date(2026, 9, 30),
        )
    )


@pytest.fixture(scope="module")
def story(empty_house: AirflowHouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("standalone")
    with copied(empty_house) as house, pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes_bluesky, "QUOTA_PERIOD", QUOTA)
        last = max(a.account_id for a in house.world.accounts if a.platform == "bluesky")
        handle = house.world.account(last).handle
        house.sandbox.faults.add("bluesky", "throttle", account=handle)
        house.sandbox.faults.add("x", "token_expired", times=100_000)
        port = int(house.variables["KLANKBORD_AIRFLOW_PORT"])
        process = processes.start(
            "Airflow",
            airflow_home.STANDALONE,
            env={**house.environment(), "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(folder / "tasks")},
            log=folder / "standalone.log",
            cwd=settings.PROJECT_ROOT,
        )
        try:
            process.wait_until(
                processes.answers(f"http://127.0.0.1:{port}/api/v2/monitor/health"),
                DEADLINE_SECONDS,
            )
            api = Api.at(port)
            waited = live(house, api)
            runs, tasks = api.runs(), api.tasks()
            group = members(process, house)
            open_to = listening(group)
        finally:
            process.stop()
        left = {*members(process, house), *filter(is_alive, group)}
        survivors = [f"{p.pid} {p.name()}" for p in left]
        yield Story(house, runs, tasks, waited, len(group), open_to, survivors, folder)


def test_everything_follows_from_the_register_by_assets_alone(story):
    kinds = {(run["dag_id"], run["run_type"]) for run in story.runs}
    assert kinds == {
        ("sync_register", "manual"),
        *((dag_id, "asset_triggered") for dag_id in (*EXTRACTIONS, "build_benchmark")),
    }
    assert answered(story.house) == {
        name: sum(a.platform == name for a in story.house.world.accounts)
        for name in PLATFORMS
        if name != "x"
    }


def test_one_platform_that_fails_wholly_does_not_hold_the_build_back(story):
    states = {(run["dag_id"], run["state"]) for run in story.runs}
    assert states == {
        ("extract_x", "failed"),
        *((dag_id, "success") for dag_id in DAGS if dag_id != "extract_x"),
    }
    tries = {t["task_id"]: t["try_number"] for t in story.tasks if t["dag_id"] == "extract_x"}
    assert tries["close_scan"] == 1
    assert story.house.rows("select published_at from published.publication") == [(NOW,)]


def test_a_spent_quota_gives_the_slot_back_until_the_time_that_the_platform_named(story):
    """The batch waits outside its slot; the others of the platform go on; then it succeeds."""
    assert [(t["dag_id"], t["task_id"], t["map_index"]) for t in story.waited] == [
        ("extract_bluesky", "scan_accounts", 1)
    ]
    batches = {
        t["map_index"]: t
        for t in story.tasks
        if (t["dag_id"], t["task_id"]) == ("extract_bluesky", "scan_accounts")
    }
    assert {i: t["state"] for i, t in batches.items()} == {0: "success", 1: "success"}
    assert {i: t["try_number"] for i, t in batches.items()} == {0: 1, 1: 1}
    [(back_at, began_at)] = story.house.airflow_rows(
        "select r.reschedule_date, t.start_date from task_reschedule as r"
        " inner join task_instance as t on t.id = r.ti_id"
    )
    assert began_at >= back_at
    details = story.house.rows(
        "select distinct detail from raw.outcomes where reason = 'throttled'"
    )
    assert len(details) == 1
    assert f"again at {back_at:%H:%M:%S} UTC" in details[0][0]


def test_nothing_listens_to_the_network(story):
    port = int(story.house.variables["KLANKBORD_AIRFLOW_PORT"])
    assert ("127.0.0.1", port) in story.listening
    assert {address for address, _ in story.listening} == {"127.0.0.1"}


def test_nothing_stays_alive(story):
    assert story.processes > 5, "an api-server, a scheduler, a dag-processor, a triggerer, workers"
    assert story.survivors == []


def test_no_secret_is_in_a_log(story):
    logs = {p: p.read_text(errors="replace") for p in story.folder.rglob("*") if p.is_file()}
    assert any("load_register" in str(path) for path in logs)
    hidden = {"sandbox-token"} | {
        p.read_text() for p in secrets.folder().iterdir() if p.suffix != ".json"
    }
    assert len(hidden) > 5
    assert [(p.name, word) for p, text in logs.items() for word in hidden if word in text] == []
