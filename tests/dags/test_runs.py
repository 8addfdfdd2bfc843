"""Every DAG for real, task by task, through `python -m orchestration.run_dags`."""

import csv
from datetime import date, timedelta

from klankbord.errors import GateError
from tests.dags.airflow_house import AirflowHouse
from tests.dags.conftest import EXTRACTIONS, PLATFORMS
from tests.pipeline.house import NOW

#: everything computed or collected; what only tells of runs (gates' verdicts) is not in it
FIGURES = ("register", "raw", "intermediate", "marts", "reporting", "published")
TOMORROW = NOW + timedelta(days=1)


def last_tries(house: AirflowHouse, dag_id: str) -> list[tuple[str, int, str, int]]:
    """(task, map index, state, tries) of the latest run of a DAG."""
    return house.airflow_rows(
        "select task_id, map_index, state, try_number from task_instance where dag_id = %s"
        " and run_id = (select run_id from dag_run where dag_id = %s order by id desc limit 1)"
        " order by 1, 2",
        dag_id,
        dag_id,
    )


def test_every_dag_succeeds_and_the_figures_are_published(lived_in):
    house, run = lived_in
    assert run.code == 0, run.output
    assert run.errors == []
    assert run.states == dict.fromkeys(
        ["sync_register", *EXTRACTIONS, "build_benchmark"], "success"
    )
    found = dict(
        house.rows(
            "select platform, count(*) from published.rpt_organisation_metric where"
            " metric_id = 'M05' and period_start = '2026-09-01' and value is not null group by 1"
        )
    )
    known = {p: sum(a.platform == p for a in house.world.accounts) for p in PLATFORMS}
    assert known["bluesky"] > 25, "one batch only: the mapping would not be tested"
    assert found == known


def test_running_every_dag_again_changes_nothing(house):
    before = house.checksums(*FIGURES)
    assert before["raw.x_posts"][0] > 0 and before["published.rpt_group_metric"][0] > 0
    house.sandbox.requests.clear()
    run = house.run("sync_register", *EXTRACTIONS, "build_benchmark")
    assert run.code == 0, run.output
    assert house.checksums(*FIGURES) == before
    assert sum(house.sandbox.requests.values()) == 0, "a complete account was asked for again"


def test_a_faulty_register_is_refused_whole_and_not_tried_again(house, tmp_path):
    with (tmp_path / "accounts.csv").open("w") as file:
        names = [f for f in csv.reader(accounts_file(house).open())][:2]
        csv.writer(file).writerows([names[0], names[1], ["of-a-faulty-line"] + names[1][1:]])
    before = house.checksums("register")
    run = house.having(KLANKBORD_REGISTER=f"register:{tmp_path}").run("sync_register")
    assert run.code == 1
    assert run.states == {"sync_register": "failed"}
    assert any("accounts.csv" in e and ":3" in e for e in run.errors), run.errors
    assert house.checksums("register") == before
    assert last_tries(house, "sync_register") == [("load_register", -1, "failed", 1)]


def accounts_file(house: AirflowHouse):
    from pathlib import Path

    return Path(house.variables["KLANKBORD_REGISTER"].split(":")[1]) / "accounts.csv"


def test_a_gate_that_says_no_leaves_what_was_published(house):
    account = next(a.account_id for a in house.world.accounts if a.platform == "x")
    with house.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "update raw.x_profiles set payload ="
            " jsonb_set(payload, '{public_metrics,followers_count}', '-1') where account_id = %s",
            [account],
        )
        assert cursor.rowcount == 1
    before = house.checksums("published")
    run = house.run("build_benchmark")
    assert run.code == 1
    assert run.states == {"build_benchmark": "failed"}
    [error] = run.errors
    assert error.startswith("build_benchmark.gate_raw: ")
    assert "followers_are_a_count" in error and account in error and "quarantine.rows" in error
    assert house.checksums("published") == before
    states = {task: (state, tries) for task, _, state, tries in last_tries(house, "build_benchmark")}
    assert states["gate_raw"] == ("failed", 1)
    assert states["publish"][0] == "upstream_failed"


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
    assert error.startswith("extract_x.close_scan: Not one of")
    assert "token_expired" in error
    scanned = dict(
        house.rows(
            "select platform, accounts_ok from published.rpt_data_quality where scan_on = %s",
            date(2026, 10, 1),
        )
    )
    print(house.rows("select * from published.rpt_data_quality"))
    assert house.rows("select published_at from published.publication") == [(TOMORROW,)]


def test_a_spent_quota_without_a_scheduler_ends_with_the_time_to_come_back(house):
    tomorrow = house.at(TOMORROW)
    second_batch = tomorrow_batches(house)[1]
    first = house.world.account(second_batch[0])
    house.sandbox.faults.add("bluesky", "throttle", account=first.handle)
    run = tomorrow.run("extract_bluesky")
    print(run.errors, run.events)
    assert run.code == 1
    [error] = run.errors
    assert "bluesky asks for patience until" in error
    print(last_tries(house, "extract_bluesky"))
    print(house.rows("select status, reason, count(*) from raw.outcomes where platform='bluesky' and scan_on='2026-10-01' group by 1,2"))
    run = tomorrow.run("extract_bluesky")
    assert run.code == 0, run.output


def tomorrow_batches(house):
    ids = sorted(a.account_id for a in house.world.accounts if a.platform == "bluesky")
    return [ids[:25], ids[25:]]
