"""## watch_accounts

Looks for what a person should look at, one task a kind of alarm: a follower jump, a shrunken
answer, an account that was renamed, moved, protected, is dead or in other hands, a token that is
refused or soon ends, a platform of which nothing came today.

A task fails as long as there is an alarm of its kind that nobody has acknowledged, and names the
accounts. A state that is over, and an event of more than a week ago, fails it no more. It holds
nothing back: what may be published is decided by the gates.

Runs after each publication, and at 09:00 whatever came.
**To do when a task fails:** look at the accounts that it names, as `docs/runbooks/alarms.md` says:
correct the register or ask the owner. Then `klankbord alarms acknowledge KIND --by NAME`, and clear
the task.
"""

from datetime import timedelta

from airflow.sdk import AssetOrTimeSchedule, dag, task

from klankbord.alarm_rules import KINDS
from klankbord_assets import PUBLISHED, RETRIES, by_the_clock


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=by_the_clock("0 9 * * *"),
        assets=[PUBLISHED],
    ),
    catchup=False,
    max_active_runs=1,
    default_args={
        "retries": 2,  # of a warehouse that restarts; an alarm fails at once
        "retry_delay": timedelta(minutes=1),
        "retry_policy": RETRIES,
        "execution_timeout": timedelta(minutes=30),
    },
    tags=["klankbord"],
    doc_md=__doc__,
)
def watch_accounts():
    def watch(kind: str):
        @task(task_id=kind, multiple_outputs=False)
        def look() -> dict[str, int]:
            from klankbord import alarms, database, settings, tokens
            from klankbord_tokens import connection_token

            source = tokens.first_of(connection_token, tokens.owner_token)
            return alarms.enforce(database.access(), kind, settings.now(), source)

        look()

    for kind in KINDS:
        watch(kind)


watch_accounts()
