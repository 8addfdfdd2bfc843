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


def decisions(dag_id: str, task_id: str) -> dict[str, str]:
    """What the task's retry policy says to each kind of error."""
    policy = bag.dags[dag_id].get_task(task_id).retry_policy
    kinds = [
        errors.RegisterError("faulty"),
        errors.PastSnapshotError("yesterday"),
        errors.DatabaseError("restarting"),
        OSError("anything that nobody foresaw"),
    ]
    return {type(e).__name__: policy.evaluate(e, 1, 2).action.value for e in kinds}


def scan(scan_on: str) -> str:
    """What the extracting task answers to another day than today."""
    call = bag.dags["extract_x"].get_task("scan_accounts").python_callable
    try:
        return f"it was done: {call(scan_on, [], params={'wait_for_quota': True})}"
    except errors.KlankbordError as error:
        return f"{type(error).__name__}: {error}"


answer = {
    "errors": {Path(file).name: text for file, text in bag.import_errors.items()},
    "dags": {name: DagSerialization.serialize_dag(dag) for name, dag in bag.dags.items()},
    "imported": imported,
    "pools": {pool.pool: pool.slots for pool in Pool.get_pools()},
    "decisions": {
        "load_register": decisions("sync_register", "load_register"),
        "close_scan": decisions("extract_x", "close_scan"),
    },
    "yesterday": scan("2026-09-29"),
}
sys.__stdout__.write(json.dumps(answer, default=str))
