"""## purge_personal_data

Applies the ages of `KLANKBORD_RETENTION_*`: citizens' messages lose their author, later their ids;
own texts, quarantined rows, details of outcomes, files and logs go. Published figures do not
change: rows that a figure rests on lose the person and stay.

Runs every night at 03:20, before the register and the extractions, so that no day's work waits for
a large one. Running it again changes nothing.
**To do when it fails:** read the task's error; mostly an impossible setting. Then clear the task;
`klankbord privacy purge --dry-run` counts what it would do.
"""

from datetime import timedelta

from airflow.sdk import dag, task

from klankbord_assets import RETRIES, by_the_clock


@dag(
    schedule=by_the_clock("20 3 * * *"),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1), "retry_policy": RETRIES},
    tags=["klankbord"],
    doc_md=__doc__,
)
def purge_personal_data():
    @task(multiple_outputs=False)
    def purge() -> dict[str, int]:
        from klankbord import database, retention, settings

        return retention.purge(database.access(), settings.now())

    purge()


purge_personal_data()
