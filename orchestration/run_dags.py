"""Run DAGs one after the other in this process: `python -m orchestration.run_dags DAG…`.

`dag.test()` runs every task for real, without a scheduler, at some 0.1 s a task. Prints one JSON
line for each finished task, which the demo turns into progress. Ends with 1 when a DAG run failed,
after the error of the task.
"""

import json
import logging
import sys
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

DAGS = Path(__file__).resolve().parents[1] / "dags"


def main(names: list[str]) -> int:
    """Run the named DAGs in order; stops at the first that fails."""
    logging.getLogger("airflow").setLevel(logging.WARNING)
    bag = DagBag(str(DAGS))
    if bag.import_errors:
        for file, error in bag.import_errors.items():
            _say(event="error", dag=Path(file).name, text=error.strip().splitlines()[-1])
        return 1
    for name in names:
        run = bag.dags[name].test()
        failed = [t for t in run.get_task_instances() if t.state in ("failed", "upstream_failed")]
        _say(
            event="dag",
            dag=name,
            state=str(run.state),
            tasks=len(run.get_task_instances()),
            failed=[t.task_id for t in failed],
        )
        if str(run.state) != "success":
            return 1
    return 0


def _say(**fields: object) -> None:
    sys.__stdout__.write(f"KLANKBORD {json.dumps(fields)}\n")
    sys.__stdout__.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
