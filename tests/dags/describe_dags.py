"""A program for Airflow's environment: prints as JSON what the DAG files say, import and decide."""
# ruff: noqa: TID251  (Airflow starts it, as it starts the files under dags/)

import json
import sys
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag
from airflow.models.pool import Pool
from airflow.serialization.serialized_objects import DagSerialization

DAGS = Path(__file__).resolve().parents[2] / "dags"

bag = DagBag(str(DAGS))
imported = sorted(sys.modules)

from klankbord import errors  # noqa: E402  (after the look at what the DAGs import)


def decisions(policy) -> dict[str, str]:
    """What a task's retry policy says to each kind of error."""
    kinds = [
        errors.RegisterError("faulty"),
        errors.PastSnapshotError("yesterday"),
        errors.DatabaseError("restarting"),
        OSError("anything that nobody foresaw"),
    ]
    return {type(e).__name__: policy.evaluate(e, 1, 2).action.value for e in kinds}


PARAMS = {"wait_for_quota": True, "since": None, "until": None, "streams": None}


def scan(dag, scan_on: str) -> str:
    """What an extracting task answers to another day than today."""
    call = dag.get_task("scan_accounts").python_callable
    try:
        return f"it was done: {call(scan_on, 'a', 'z', params=PARAMS)}"
    except errors.KlankbordError as error:
        return f"{type(error).__name__}: {error}"


answer = {
    "errors": {Path(file).name: text for file, text in bag.import_errors.items()},
    "dags": {name: DagSerialization.serialize_dag(dag) for name, dag in bag.dags.items()},
    "imported": imported,
    "pools": {pool.pool: pool.slots for pool in Pool.get_pools()},
    "decisions": {
        task.task_id: decisions(task.retry_policy)
        for dag in bag.dags.values()
        for task in dag.tasks
        if task.retry_policy
    },
    "yesterday": {
        name: scan(dag, "2026-09-29")
        for name, dag in bag.dags.items()
        if dag.has_task("scan_accounts")
    },
}
sys.__stdout__.write(json.dumps(answer, default=str))
