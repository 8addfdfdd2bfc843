"""## extract_&lt;platform&gt;

One DAG for each connector that is found in `klankbord.platforms`. It reads every account of the
register on that platform, in batches that share calls, and lands what comes into schema `raw`.

- An account that fails gets an outcome row with its reason and does not hold up the others.
- A spent quota gives the worker slot back: the batch is rescheduled for the moment that the
  platform named. Without a scheduler nobody comes back then: with `wait_for_quota` false the batch
  fails and says when to run it again.
- The pool `klankbord_<platform>` limits how many batches run at once.
- Running it again asks only for what is missing; a past date is refused, because a follower count
  is only observable now.

Follows from the register's asset. **To do when it fails:** `klankbord status` names the accounts
and reasons; a dead token is replaced in `.env`; then clear the failed tasks.
"""

from datetime import timedelta

from airflow.sdk import Param, TriggerRule, dag, task
from airflow.sdk.exceptions import AirflowRescheduleException

from klankbord.platforms.base import discover
from klankbord_assets import RAW, REGISTER, RETRIES


def make_dag(platform: str, batch_size: int):
    @dag(
        dag_id=f"extract_{platform}",
        schedule=[REGISTER],
        catchup=False,
        max_active_runs=1,
        default_args={"retries": 2, "retry_delay": timedelta(minutes=1), "retry_policy": RETRIES},
        params={"wait_for_quota": Param(True, type="boolean")},
        tags=["klankbord", platform],
        doc_md=__doc__,
    )
    def extract():
        @task
        def plan_batches() -> list[dict]:
            from klankbord import database, extraction

            return extraction.plan(database.access(), platform, batch_size)

        @task(pool=f"klankbord_{platform}", map_index_template="{{ task.op_kwargs['scan_on'] }}")
        def scan_accounts(scan_on: str, account_ids: list[str], run_id=None, params=None):
            from datetime import date

            from klankbord import database, extraction

            done = extraction.extract(
                database.access(),
                platform,
                only=account_ids,
                run_id=run_id,
                scan_on=date.fromisoformat(scan_on),
            )
            if done.throttled and params["wait_for_quota"]:
                raise AirflowRescheduleException(done.throttled.retry_at)
            if done.throttled:
                raise done.throttled
            return done.landed.reasons

        @task(outlets=[RAW[platform]], trigger_rule=TriggerRule.ALL_DONE)
        def close_scan() -> dict[str, int]:
            from klankbord import database, extraction

            return extraction.close_scan(database.access(), platform)

        scan_accounts.expand_kwargs(plan_batches()) >> close_scan()

    return extract()


for name, connector in discover().items():
    globals()[f"extract_{name}"] = make_dag(name, connector.batch_size)
