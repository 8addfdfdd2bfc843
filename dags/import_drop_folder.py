"""## import_drop_folder

Loads the export files that people leave in the drop folder (`KLANKBORD_DROP_FOLDER`, by default
`drop` in `KLANKBORD_HOME`). A file that does not say whose it is goes into a folder named after its
account: `drop/<account_id>/`. One that names no days (a table of YouTube) says them in its name or
in a folder's: `drop/<account_id>/2026-09-01_2026-09-30/`. Formats of your own are
`drop/formats/*.yaml`.

- A loaded file moves to `done/`, a refused one to `refused/`, each with a `.txt` beside it that
  says what was understood, or what is wrong on which line and column.
- Each file is loaded whole or not at all; a refused one does not hold up the others.
- A file is taken when it has not changed since the run before, or left alone while it ends in
  `.part`.

Runs every quarter of an hour; the build follows when something new came in.
**To do when it fails:** read the `.txt` in `refused/`, mend the file or name its account, and leave
it in the folder again.
"""

from datetime import timedelta

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException

from klankbord_assets import IMPORTED, RETRIES, by_the_clock


@dag(
    schedule=by_the_clock("*/15 * * * *"),
    catchup=False,
    max_active_runs=1,
    tags=["klankbord"],
    doc_md=__doc__,
)
def import_drop_folder():
    @task(
        retries=2,
        retry_delay=timedelta(minutes=1),
        retry_policy=RETRIES,
        multiple_outputs=False,
    )
    def load_files() -> dict[str, dict]:
        from klankbord import database, settings
        from klankbord.imports import drop

        swept = drop.sweep(database.access(), settings.drop_folder(), settings.now())
        return {"loaded": swept.loaded, "refused": swept.refused}

    @task(outlets=[IMPORTED], multiple_outputs=False)
    def announce(swept: dict[str, dict]) -> dict[str, int]:
        if not any(swept["loaded"].values()):
            raise AirflowSkipException("nothing new came in")
        return swept["loaded"]

    @task
    def name_refusals(swept: dict[str, dict]) -> None:
        from klankbord.imports import drop

        drop.fail(drop.Swept(refused=swept["refused"]))

    swept = load_files()
    announce(swept)
    name_refusals(swept)


import_drop_folder()
