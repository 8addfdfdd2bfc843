"""## extract_web_visits

Reads how many visits the bodies' own websites had, and how many of them came from each social
network, from the Matomo of each website in the register's `web_sites.csv`.

- Days that are over, the last three of them again: a visit may be counted late.
- What was missed is caught up on; a site that fails gets a row in `raw.web_outcomes` and does not
  hold up the others.
- Tokens are in the environment (`KLANKBORD_TOKEN__MATOMO__<ORGANISATION_ID>`) and travel in the
  body of a POST, so that they stand in no log.

Runs at 05:30. **To do when it fails:** the log names each site and its reason; then run it again.
"""

from datetime import timedelta

from airflow.sdk import dag, task

from klankbord_assets import RETRIES, WEB, by_the_clock
from klankbord_tokens import OWNER_TOKENS


@dag(
    schedule=by_the_clock("30 5 * * *"),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5), "retry_policy": RETRIES},
    tags=["klankbord", "web"],
    doc_md=__doc__,
)
def extract_web_visits():
    @task(outlets=[WEB], multiple_outputs=False)
    def read_sites() -> dict[str, int]:
        from klankbord import database
        from klankbord.web import collect

        return collect.summary(collect.collect(database.access(), owner_token=OWNER_TOKENS))

    read_sites()


extract_web_visits()
