"""Run DAGs one after the other in this process: `python -m orchestration.run_dags DAG…`.

`dag.test()` runs every task for real, without a scheduler, at some 0.1 s a task. Prints one JSON
line for each finished DAG run and for each error of a task, for the program that started it. Ends
with 1 when a DAG run failed.
"""

import json
import logging
import sys
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag
from airflow.listeners import hookimpl
from airflow.sdk.listener import get_listener_manager

DAGS = Path(__file__).resolve().parents[1] / "dags"


class Failures:
    """Airflow's listener that passes on what a failed task said."""

    @hookimpl
    def on_task_instance_failed(self, previous_state, task_instance, error):
        say(event="error", text=f"{task_instance.dag_id}.{task_instance.task_id}: {error}")


def main(names: list[str]) -> int:
    """Run the named DAGs in order; the ones after a failed one run too, as they would by asset."""
    logging.getLogger("airflow").setLevel(logging.WARNING)
    get_listener_manager().add_listener(Failures())
    bag = DagBag(str(DAGS))
    for file, error in bag.import_errors.items():
        say(event="error", text=f"{Path(file).name}: {error.strip().splitlines()[-1]}")
    if bag.import_errors:
        return 1
    states = []
    for name in names:
        run = bag.dags[name].test()
        states.append(str(run.state))
        say(event="dag", dag=name, state=states[-1], tasks=len(run.get_task_instances()))
    return int(any(state != "success" for state in states))


def say(**fields: object) -> None:
    """One line for the program that started us, whatever the logs do."""
    sys.__stdout__.write(f"KLANKBORD {json.dumps(fields)}\n")
    sys.__stdout__.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
