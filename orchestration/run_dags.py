"""Run DAGs one after the other in this process: `python -m orchestration.run_dags DAG…`.

`--conf '{"streams": ["profiles"]}'` sets parameters of those that have them.

`dag.test()` runs every task for real, without a scheduler, at some 0.1 s a task. Prints one JSON
line for each finished DAG run and for each error of a task, for the program that started it. Ends
with 1 when a task failed, also one that its DAG run survives.
"""

import argparse
import json
import logging
import sys
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag
from airflow.listeners import hookimpl
from airflow.sdk.listener import get_listener_manager

DAGS = Path(__file__).resolve().parents[1] / "dags"
#: `dag.test()` would sleep until the platform's quota is back, for a quarter of an hour or a month
NOBODY_COMES_BACK = {"wait_for_quota": False}


class Failures:
    """Airflow's listener that passes on what a failed task said."""

    @hookimpl
    def on_task_instance_failed(self, previous_state, task_instance, error):
        say(event="error", text=f"{task_instance.dag_id}.{task_instance.task_id}: {error}")


def main(arguments: list[str]) -> int:
    """Run the named DAGs in order; the ones after a failed one run too, as they would by asset."""
    parser = argparse.ArgumentParser(prog="orchestration.run_dags")
    parser.add_argument("names", nargs="+")
    parser.add_argument("--conf", type=json.loads, default={})
    options = parser.parse_args(arguments)
    names, wanted = options.names, NOBODY_COMES_BACK | options.conf
    logging.getLogger("airflow").setLevel(logging.WARNING)
    get_listener_manager().add_listener(Failures())
    bag = DagBag(str(DAGS))
    for file, error in bag.import_errors.items():
        say(event="error", text=f"{Path(file).name}: {error.strip().splitlines()[-1]}")
    if bag.import_errors:
        return 1
    if unknown := [name for name in names if name not in bag.dags]:
        known = ", ".join(sorted(bag.dags))
        say(event="error", text=f"No DAG is called {unknown[0]}: choose from {known}.")
        return 1
    failed = 0
    for name in names:
        dag = bag.dags[name]
        conf = {k: v for k, v in wanted.items() if k in dag.params}
        run = dag.test(run_conf=conf)
        tasks = run.get_task_instances()
        failed += sum(task.state in ("failed", "upstream_failed") for task in tasks)
        say(event="dag", dag=name, state=str(run.state), tasks=len(tasks))
    return int(failed > 0)


def say(**fields: object) -> None:
    """One line for the program that started us, whatever the logs do."""
    sys.__stdout__.write(f"KLANKBORD {json.dumps(fields)}\n")
    sys.__stdout__.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
