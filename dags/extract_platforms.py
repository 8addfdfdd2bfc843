"""## extract_&lt;platform&gt;

One DAG for each connector that is found in `klankbord.platforms`. It reads every account of the
register on that platform, in batches that share calls, and lands what comes into schema `raw`.

- An account that fails gets an outcome row with its reason and does not hold up the others.
- A spent quota gives the worker slot back until the platform's moment; after today: a failure.
- The pool `klankbord_<platform>` limits how many batches run at once.
- Running it again asks only for what is missing; a snapshot of a past date is refused.
- `since` and `until` read posts and conversations of past days instead; `streams` limits a run.

Follows from the register's asset. **To do when it fails:** `klankbord status` names the accounts
and reasons; a dead token is replaced in `.env`; then run it again.
"""

from datetime import timedelta

from airflow.sdk import TriggerRule, dag, task

from klankbord.platforms.base import discover
from klankbord_assets import RAW, REGISTER, RETRIES, SCAN_PARAMS, come_back, read_window
from klankbord_tokens import OWNER_TOKENS


def make_dag(platform: str, batch_size: int):
    @dag(
        dag_id=f"extract_{platform}",
        schedule=[REGISTER],
        catchup=False,
        max_active_runs=1,
        default_args={"retries": 2, "retry_delay": timedelta(minutes=1), "retry_policy": RETRIES},
        params=SCAN_PARAMS,
        tags=["klankbord", platform],
        doc_md=__doc__,
    )
    def extract():
        # `run_id` and `params` are Airflow's; it wants None as their default
        @task
        def plan_batches(params=None) -> list[dict]:
            from klankbord import database, roster

            window = read_window(params)
            batches = roster.plan(database.access(), platform, batch_size, window)
            scan_on = window.scan_on.isoformat()
            return [{"scan_on": scan_on, "first": a, "last": z} for a, z in batches]

        @task(
            pool=f"klankbord_{platform}",
            multiple_outputs=False,
            map_index_template="from {{ task.op_kwargs['first'] }}",
        )
        def scan_accounts(scan_on: str, first: str, last: str, run_id=None, params=None):
            from klankbord import database, extraction

            done = extraction.extract(
                database.access(),
                platform,
                between=(first, last),
                run_id=run_id,
                window=read_window(params, scan_on),
                owner_token=OWNER_TOKENS,
            )
            if done.throttled:
                come_back(platform, done.throttled, waits=params["wait_for_quota"])
            return {reason or "ok": streams for reason, streams in done.landed.reasons.items()}

        @task(outlets=[RAW[platform]], trigger_rule=TriggerRule.ALL_DONE, multiple_outputs=False)
        def close_scan(params=None) -> dict[str, int]:
            from klankbord import database, roster

            return roster.close_scan(database.access(), platform, read_window(params))

        scan_accounts.expand_kwargs(plan_batches()) >> close_scan()

    return extract()


for name, connector in discover().items():
    globals()[f"extract_{name}"] = make_dag(name, connector.batch_size)
