"""## publish_edition

Makes a provisional edition of the quarter that has ended: the figures as published, frozen.

Runs on the ninth day after a quarter's end at 12:00, when a scan has seen every window closed and
`build_benchmark` has published it. Members and the public see nothing of it until a person says
so: `klankbord edition advance`. Where nothing moved since the quarter's last edition, that one
stays and no revision is made, so running it again changes nothing.
**To do when it fails:** read the task's error. "Built anew and not published" means that a build is
under way or that gate 2 said no: see build_benchmark, then clear the task.
"""

from datetime import timedelta

from airflow.sdk import Param, dag, task

from klankbord_assets import RETRIES, by_the_clock


@dag(
    schedule=by_the_clock("0 12 9 1,4,7,10 *"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": RETRIES,
        "execution_timeout": timedelta(hours=1),
    },
    params={
        "period": Param(None, type=["null", "string"], description="2026-Q3; the last by default")
    },
    tags=["klankbord"],
    doc_md=__doc__,
)
def publish_edition():
    @task(multiple_outputs=False)
    def make_edition(params=None) -> str:
        from klankbord import database, settings
        from klankbord.editions import freezing, model

        period = params["period"] or model.quarter_before(settings.today()).name
        return freezing.make(database.access(), period, settings.now()).edition.edition_id

    make_edition()


publish_edition()
