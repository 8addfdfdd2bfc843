"""## watch_accounts

Looks for what a person should look at, one task a kind of alarm: a follower jump, a shrunken
answer, an account that was renamed, moved, protected, is dead or in other hands, a token that is
refused or soon ends, a platform of which nothing came today.

A task fails when an alarm was raised today that nobody acknowledged, and names the accounts. It
holds nothing back: what may be published is decided by the gates.

Runs after each publication, and at 09:00 whatever came.
**To do when a task fails:** look at the accounts it names, correct the register or ask the owner,
then `klankbord alarms acknowledge KIND --by "your name"` and clear the task.
"""

from datetime import timedelta

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from klankbord.alarm_rules import KINDS
from klankbord_assets import PUBLISHED


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 9 * * *", timezone="Europe/Brussels"),
        assets=[PUBLISHED],
    ),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 0, "execution_timeout": timedelta(minutes=30)},
    tags=["klankbord"],
    doc_md=__doc__,
)
def watch_accounts():
    def watch(kind: str):
        @task(task_id=kind, multiple_outputs=False)
        def look() -> dict[str, int]:
            from klankbord import alarms, database, settings

            return alarms.enforce(database.access(), kind, settings.today(), settings.now())

        look()

    for kind in KINDS:
        watch(kind)


watch_accounts()
