"""The alarms' DAG for real: a red task names the account, and acknowledging makes it green."""

from klankbord.alarm_rules import KINDS
from tests.alarms.rows import Raw
from tests.dags.airflow_house import AirflowHouse, copied
from tests.dags.test_runs import tasks

COMMAND = "from klankbord.cli.main import main; main()"


def states(house: AirflowHouse) -> dict[str, tuple[str, int]]:
    return {kind: ending for (kind, _), ending in tasks(house, "watch_accounts").items()}


def test_a_task_fails_and_names_the_account_until_somebody_has_looked(empty_house):
    with copied(empty_house) as house:
        raw = Raw(house.access)
        for name in ("x-gent", "x-aalst"):
            raw.account(name)
        raw.outcome(0, name="x-aalst")
        raw.outcome(0, "gone", "suspended", name="x-gent", detail="X has suspended the account.")
        run = house.run("watch_accounts")
        assert (run.code, run.states) == (1, {"watch_accounts": "failed"}), run.output
        [error] = run.errors
        assert error.startswith(
            "watch_accounts.dead: dead (the platform knows the account no more): x-gent: suspended:"
            " X has suspended the account. What to do: docs/runbooks/alarms.md"
        )
        # not tried again: an alarm does not go away by itself
        assert states(house) == dict.fromkeys(KINDS, ("success", 1)) | {"dead": ("failed", 1)}

        seen = house.python("-c", COMMAND, "alarms", "acknowledge", "dead", "--by", "An")
        assert seen.stdout == "1 alarm acknowledged.\n", seen.stderr
        run = house.run("watch_accounts")
        assert (run.code, run.states) == (0, {"watch_accounts": "success"}), run.output
        assert states(house) == dict.fromkeys(KINDS, ("success", 1))
