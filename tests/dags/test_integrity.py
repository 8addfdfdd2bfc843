"""What the DAG files say, as Airflow's own parser and serialiser see them."""

import ast
import json
import re
from typing import Any

import pytest

from klankbord import settings
from klankbord.alarm_rules import KINDS
from klankbord.platforms.base import discover

DAGS = settings.PROJECT_ROOT / "dags"
FILES = {
    "sync_register": "sync_register.py",
    "import_drop_folder": "import_drop_folder.py",
    "build_benchmark": "build_benchmark.py",
    "extract_web_visits": "extract_web_visits.py",
    "purge_personal_data": "purge_personal_data.py",
    "watch_accounts": "watch_accounts.py",
    "publish_edition": "publish_edition.py",
} | {f"extract_{name}": "extract_platforms.py" for name in discover()}
EXTRACTIONS = [f"extract_{name}" for name in discover()]
#: seconds each to import: nobody wants them in a file that is parsed every minute
HEAVY = {"great_expectations", "dbt", "pandas"}


@pytest.fixture(scope="module")
def seen(empty_house) -> dict[str, Any]:
    """What `describe_dags.py` prints, in an environment where no warehouse answers."""
    house = empty_house.having(KLANKBORD_DSN="postgresql://nobody:nothing@127.0.0.1:1/none")
    done = house.python("tests/dags/describe_dags.py")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def tasks(dag: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Serialised tasks by id; what a mapped one keeps for its instances is on top."""
    found = [task["__var"] for task in dag["tasks"]]
    return {task["task_id"]: {**task, **task.get("partial_kwargs", {})} for task in found}


def assets(thing: Any) -> set[str]:
    """Names of the assets anywhere in a serialised outlet or condition."""
    if isinstance(thing, list):
        return {name for part in thing for name in assets(part)}
    if not isinstance(thing, dict):
        return set()
    if thing.get("__type") == "asset":
        return {thing.get("__var", thing)["name"]}
    return {name for part in thing.values() for name in assets(part)}


def test_every_file_is_imported_and_makes_the_expected_dags(seen):
    assert seen["errors"] == {}
    assert set(seen["dags"]) == set(FILES)


def test_importing_the_dags_imports_nothing_heavy_and_asks_no_warehouse(seen):
    """The warehouse's address is a dead port here, so a query at import would be an error."""
    imported = {name.partition(".")[0] for name in seen["imported"]}
    assert "klankbord" in imported
    assert imported & HEAVY == set()


@pytest.mark.parametrize(("dag_id", "file"), FILES.items())
def test_a_modules_docstring_is_its_dags_page(seen, dag_id, file):
    said = ast.get_docstring(ast.parse((DAGS / file).read_text()), clean=False)
    assert seen["dags"][dag_id]["doc_md"] == said
    title = "extract_&lt;platform&gt;" if dag_id in EXTRACTIONS else dag_id
    assert said.startswith(f"## {title}\n")
    assert "**To do when " in said


@pytest.mark.parametrize("dag_id", FILES)
def test_runs_of_a_dag_never_overlap_and_the_past_is_not_caught_up(seen, dag_id):
    assert seen["dags"][dag_id]["max_active_runs"] == 1
    assert seen["dags"][dag_id]["catchup"] is False


@pytest.mark.parametrize("name", discover())
def test_a_scan_runs_in_its_platforms_pool(seen, name):
    scan = tasks(seen["dags"][f"extract_{name}"])["scan_accounts"]
    assert scan["_is_mapped"] is True
    assert scan["pool"] == f"klankbord_{name}"
    assert seen["pools"][scan["pool"]] == discover()[name].max_concurrency


def test_the_register_follows_the_clock(seen):
    timetable = seen["dags"]["sync_register"]["timetable"]
    assert timetable["__type"].endswith("CronTriggerTimetable")
    assert timetable["__var"]["expression"] == "15 4 * * *"
    assert timetable["__var"]["timezone"] == "Europe/Brussels"
    assert assets(tasks(seen["dags"]["sync_register"])["load_register"]["outlets"]) == {
        "klankbord_register"
    }


@pytest.mark.parametrize("name", discover())
def test_an_extraction_follows_the_register(seen, name):
    dag = seen["dags"][f"extract_{name}"]
    assert assets(dag["timetable"]) == {"klankbord_register"}
    assert assets(tasks(dag)["close_scan"]["outlets"]) == {f"klankbord_raw_{name}"}
    assert tasks(dag)["close_scan"]["trigger_rule"] == "all_done"


def test_the_build_follows_any_platform_or_the_clock(seen):
    timetable = seen["dags"]["build_benchmark"]["timetable"]["__var"]
    assert timetable["asset_condition"]["__type"] == "asset_any"
    raw = {f"klankbord_raw_{n}" for n in discover()}
    assert assets(timetable["asset_condition"]) == raw | {"klankbord_imported"}
    assert timetable["timetable"]["__var"]["expression"] == "30 7 * * *"
    steps = tasks(seen["dags"]["build_benchmark"])
    order, step = [], "build_staging"
    while step:
        order.append(step)
        [step] = steps[step].get("downstream_task_ids") or [None]
    assert order == [
        *("build_staging", "gate_raw", "build_intermediate", "build_marts", "build_reporting"),
        *("gate_reporting", "publish"),
    ]
    assert assets(steps["publish"]["outlets"]) == {"klankbord_published"}


def test_the_drop_folder_follows_the_clock_and_announces_only_what_came(seen):
    dag = seen["dags"]["import_drop_folder"]
    assert dag["timetable"]["__var"]["expression"] == "*/15 * * * *"
    steps = tasks(dag)
    assert set(steps["load_files"]["downstream_task_ids"]) == {"announce", "name_refusals"}
    assert assets(steps["announce"]["outlets"]) == {"klankbord_imported"}
    # a refusal fails its own task: what was loaded is announced all the same
    assert not any(assets(steps[name].get("outlets")) for name in ("load_files", "name_refusals"))


def test_personal_data_go_at_night_before_anything_is_read(seen):
    timetable = seen["dags"]["purge_personal_data"]["timetable"]["__var"]
    assert (timetable["expression"], timetable["timezone"]) == ("20 3 * * *", "Europe/Brussels")


def test_alarms_are_looked_for_after_each_publication_and_at_nine(seen):
    timetable = seen["dags"]["watch_accounts"]["timetable"]["__var"]
    assert assets(timetable["asset_condition"]) == {"klankbord_published"}
    assert timetable["timetable"]["__var"]["expression"] == "0 9 * * *"
    steps = tasks(seen["dags"]["watch_accounts"])
    assert set(steps) == set(KINDS)
    # one kind's alarm does not keep another from being looked for
    assert not any(step.get("downstream_task_ids") for step in steps.values())


def test_only_what_may_pass_by_itself_is_tried_again(seen):
    assert set(seen["decisions"]) == {
        "load_register",
        "load_verdicts",
        "make_edition",
        "plan_batches",
        "scan_accounts",
        "close_scan",
        "load_files",
        "read_sites",
        "purge",
        *KINDS,
    }
    for said in seen["decisions"].values():
        assert said == {
            "RegisterError": "fail",
            "PastSnapshotError": "fail",
            "DatabaseError": "retry",
            "OSError": "default",
        }
    tries = {
        task_id: task.get("retries", 0)
        for dag in seen["dags"].values()
        for task_id, task in tasks(dag).items()
    }
    assert {task_id for task_id, retries in tries.items() if retries} == set(seen["decisions"])


@pytest.mark.parametrize("dag_id", EXTRACTIONS)
def test_a_scan_of_another_day_is_refused(seen, dag_id):
    assert re.match(
        r"PastSnapshotError: A scan of 2026-09-29 was asked for on 2026-09-30: .*"
        r"`klankbord import archive FILE`, .* with --since and --until\.$",
        seen["yesterday"][dag_id],
    ), seen["yesterday"][dag_id]


@pytest.mark.parametrize("file", sorted(p.name for p in DAGS.glob("*.py")))
def test_a_dag_file_is_wiring(file):
    text = (DAGS / file).read_text()
    assert len(text.splitlines()) < 80
    assert not re.search(r"\bselect\b.*\bfrom\b|\bhttpx\b|\bpsycopg2\b", text, re.I | re.S)
