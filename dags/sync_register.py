"""## sync_register

Reads the register's files (`KLANKBORD_REGISTER`) and loads what changed into schema `register`,
keeping the old versions. A faulty register is reported in full, with file and line, and nothing of
it is loaded: yesterday's stays. Then what rests on consents that ended is removed, and what people
said of messages about incidents (`incident_matches.csv`) is loaded.

Runs every night at 04:15; the extractions follow from its asset.
**To do when it fails:** run `klankbord register check`, mend the lines it names, clear the task.
"""

from datetime import timedelta

from airflow.sdk import dag, task

from klankbord_assets import REGISTER, RETRIES, by_the_clock


@dag(
    schedule=by_the_clock("15 4 * * *"),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1), "retry_policy": RETRIES},
    tags=["klankbord"],
    doc_md=__doc__,
)
def sync_register():
    @task(outlets=[REGISTER], multiple_outputs=False)
    def load_register() -> dict[str, int]:
        from klankbord import consent, database, register, settings

        found = register.read(settings.register_folders())
        with database.access().connect("klankbord_loader") as connection:
            done = register.load(connection, found, settings.now())
        consent.apply_withdrawals(database.access(), settings.now(), settings.today())
        return {table: count.inserted for table, count in done.tables.items()}

    @task
    def load_verdicts() -> int:
        from klankbord import database, settings
        from klankbord.incidents import verdicts

        return verdicts.load(database.access(), settings.register_folders(), settings.now())

    load_register() >> load_verdicts()


sync_register()
