"""Every DAG for real, task by task, through `python -m orchestration.run_dags`."""

import json
import re
import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

from klankbord import register
from tests.dags.airflow_house import AirflowHouse
from tests.dags.conftest import EXTRACTIONS, PLATFORMS
from tests.pipeline.house import NOW

#: everything collected and computed
SCHEMAS = ("register", "raw", "intermediate", "marts", "reporting", "published")
TOMORROW = NOW + timedelta(days=1)


def tasks(house: AirflowHouse, dag_id: str) -> dict[tuple[str, int], tuple[str, int]]:
    """(task, map index) -> (state, tries) in the latest run of a DAG."""
    rows = house.airflow_rows(
        "select task_id, map_index, state, try_number from task_instance where run_id ="
        " (select run_id from dag_run where dag_id = %s order by id desc limit 1) and dag_id = %s",
        dag_id,
        dag_id,
    )
    return {(task, index): (state, tries) for task, index, state, tries in rows}


def account_ids(house: AirflowHouse, platform: str) -> list[str]:
    """The accounts of a platform, in the order in which they are put into batches."""
    return sorted(a.account_id for a in house.world.accounts if a.platform == platform)


def test_every_dag_succeeds_and_the_figures_are_published(lived_in):
    house, run = lived_in
    assert run.code == 0, run.output
    assert run.errors == []
    assert run.states == dict.fromkeys(
        ["sync_register", *EXTRACTIONS, "build_benchmark"], "success"
    )
    known = register.read([Path(house.variables["KLANKBORD_REGISTER"])])
    counted = Counter(
        account.platform
        for account in house.world.accounts
        if known.inhabitants(account.organisation_id, NOW.date()) is not None
    )
    found = house.rows(
        "select platform, count(*) from published.rpt_organisation_metric where"
        " metric_id = 'M05' and period_start = '2026-09-01' and value is not null group by 1"
    )
    assert dict(found) == {name: counted[name] for name in PLATFORMS}
    assert min(counted[name] for name in PLATFORMS) > 10


def test_running_every_dag_again_changes_nothing(house):
    before = house.checksums(*SCHEMAS)
    assert before["raw.x_posts"][0] > 0
    assert before["published.rpt_group_metric"][0] > 0
    house.sandbox.requests.clear()
    run = house.run("sync_register", *EXTRACTIONS, "build_benchmark")
    assert run.code == 0, run.output
    assert sum(house.sandbox.requests.values()) == 0
    assert house.checksums(*SCHEMAS) == before


def test_a_faulty_register_is_refused_whole_and_not_tried_again(house, tmp_path):
    shutil.copytree(house.variables["KLANKBORD_REGISTER"], tmp_path, dirs_exist_ok=True)
    accounts = tmp_path / "accounts.csv"
    # one account fewer, so that a load would show, and one that is on no platform
    lines = accounts.read_text().splitlines()[:-1]
    at = next(i for i, line in enumerate(lines) if ",facebook," in line)
    lines[at] = lines[at].replace(",facebook,", ",megaphone,")
    accounts.write_text("\n".join(lines))
    before = house.checksums("register")
    run = house.having(KLANKBORD_REGISTER=str(tmp_path)).run("sync_register")
    assert run.code == 1
    assert run.states == {"sync_register": "failed"}
    [error] = run.errors
    assert error.startswith("sync_register.load_register: ")
    assert re.search(rf"accounts\.csv:{at + 1}\b", error), error
    assert tasks(house, "sync_register")[("load_register", -1)] == ("failed", 1)
    assert house.checksums("register") == before


def test_a_gate_that_says_no_leaves_what_was_published(house):
    account_id = account_ids(house, "x")[0]
    with house.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "update raw.x_profiles set payload ="
            " jsonb_set(payload, '{public_metrics,followers_count}', '-1') where account_id = %s",
            [account_id],
        )
        assert cursor.rowcount == 1
    before = house.checksums("published")
    run = house.run("build_benchmark")
    assert run.code == 1
    assert run.states == {"build_benchmark": "failed"}
    [error] = run.errors
    assert error.startswith("build_benchmark.gate_raw: ")
    assert f"followers_are_a_count: {account_id} (-1 followers)" in error
    assert tasks(house, "build_benchmark")["gate_raw", -1] == ("failed", 1)
    assert tasks(house, "build_benchmark")["publish", -1][0] == "upstream_failed"
    assert house.checksums("published") == before


def test_one_platform_that_fails_wholly_holds_nobody_up(house):
    tomorrow = house.at(TOMORROW)
    house.sandbox.faults.add("x", "token_expired", times=100_000)
    run = tomorrow.run(*EXTRACTIONS, "build_benchmark")
    assert run.code == 1
    assert run.states == {
        **dict.fromkeys([*EXTRACTIONS, "build_benchmark"], "success"),
        "extract_x": "failed",
    }
    [error] = run.errors
    assert error.startswith("extract_x.close_scan: Not one of ")
    assert f"{len(account_ids(house, 'x'))} token_expired" in error
    assert house.rows("select published_at from published.publication") == [(TOMORROW,)]


def test_a_spent_quota_without_a_scheduler_ends_with_the_time_to_come_back(house):
    """dag.test() would wait for the quota: here the batch fails, and everything else goes on."""
    first_batch, second_batch = (
        account_ids(house, "bluesky")[:25],
        account_ids(house, "bluesky")[25:],
    )
    tomorrow = house.at(TOMORROW)
    handle = house.world.account(second_batch[0]).handle
    house.sandbox.faults.add("bluesky", "throttle", account=handle)
    run = tomorrow.run("extract_bluesky")
    assert run.code == 1
    [error] = run.errors
    assert re.match(
        r"extract_bluesky\.scan_accounts: bluesky asks for patience until \d{4}-\d\d-\d\d "
        r"\d\d:\d\d:\d\d UTC: .* run extract_bluesky again after that\.$",
        error,
    ), error
    found = tasks(house, "extract_bluesky")
    assert found["scan_accounts", 0] == ("success", 1)
    assert found["scan_accounts", 1] == ("failed", 1)
    assert found["close_scan", -1] == ("success", 1)
    outcomes = "select account_id from raw.outcomes where platform = 'bluesky' and {} group by 1"
    day = f"scan_on = '{TOMORROW.date()}'"
    answered = {a for (a,) in house.rows(outcomes.format(f"{day} and status = 'ok'"))}
    throttled = {a for (a,) in house.rows(outcomes.format(f"{day} and reason = 'throttled'"))}
    assert (answered, throttled) == (set(first_batch), set(second_batch))

    assert tomorrow.run("extract_bluesky").code == 0
    answered = {a for (a,) in house.rows(outcomes.format(f"{day} and status = 'ok'"))}
    assert answered == {*first_batch, *second_batch}


def test_a_dag_that_does_not_exist_is_named_with_those_that_do(empty_house):
    run = empty_house.run("sync_register", "extract_myspace")
    assert (run.code, run.states) == (1, {})
    [error] = run.errors
    assert error.startswith("No DAG is called extract_myspace: choose from build_benchmark, ")


def test_tasks_tell_each_other_counts_dates_and_account_ids_only(lived_in):
    house, _ = lived_in
    known = {a.account_id for a in house.world.accounts}

    def strange(value: object) -> list[object]:
        match value:
            case dict():
                return [x for part in value.values() for x in strange(part)]
            case list():
                return [x for part in value for x in strange(part)]
            case int():
                return []
            case str() if value in known or re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                return []
        return [value]

    rows = house.airflow_rows("select dag_id, task_id, key, value from xcom")
    assert {dag_id for dag_id, *_ in rows} == {"sync_register", *EXTRACTIONS, "build_benchmark"}
    assert {key for _, _, key, _ in rows} == {"return_value"}
    values = [json.loads(v) if isinstance(v, str) else v for *_, v in rows]
    assert [x for value in values for x in strange(value)] == []
    words = {key for value in values if isinstance(value, dict) for key in value}
    assert {"ok", "rules_held", "accounts"} <= words
    assert [w for w in words if not re.fullmatch(r"[a-z_-]+", w)] == []
