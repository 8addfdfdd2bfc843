"""## build_benchmark

From raw to published: dbt layer by layer, with a gate before and a gate after.

1. `build_staging`: columns from the platforms' JSON (views).
2. `gate_raw`: what arrived, against what was expected. A refused account is moved to
   `quarantine.rows`, the next extraction asks for it again.
3. `build_intermediate`, `build_marts`, `build_reporting`.
4. `gate_reporting`: what we are about to publish.
5. `publish`: the reporting tables become schema `published` in one transaction.

A gate that says no fails its task with the expectation and the accounts it names; what was
published yesterday stays. Runs on any platform's or export file's new data, and at 07:30 whatever
came.
**To do when a gate fails:** read the task's error and the Data Docs; run the extraction again (a
bad answer is usually good the second time), then this DAG.
"""

from datetime import timedelta

from airflow.sdk import AssetAny, AssetOrTimeSchedule, chain, dag, task

from klankbord.benchmark import STEPS
from klankbord_assets import IMPORTED, PUBLISHED, RAW, by_the_clock


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=by_the_clock("30 7 * * *"),
        assets=AssetAny(*RAW.values(), IMPORTED),
    ),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 0, "execution_timeout": timedelta(hours=2)},
    tags=["klankbord"],
    doc_md=__doc__,
)
def build_benchmark():
    def step(name: str):
        @task(
            task_id=name,
            outlets=[PUBLISHED] if name == "publish" else [],
            multiple_outputs=False,
        )
        def run_step() -> dict[str, int]:
            from klankbord import benchmark, database

            return benchmark.run(database.access(), name)

        return run_step()

    chain(*map(step, STEPS))


build_benchmark()
