"""`klankbord alarms`: look for them, list them, say that you have looked."""

from typing import Annotated

import typer
from rich.table import Table

from klankbord.cli.main import app, console

alarms_app = typer.Typer(no_args_is_help=True, help="What a person should look at.")
app.add_typer(alarms_app, name="alarms")


@alarms_app.command("check")
def check() -> None:
    """Look for alarms of every kind; what the DAG watch_accounts does."""
    from klankbord import alarms, database, settings
    from klankbord.alarm_rules import KINDS

    with database.running() as access:
        database.prepare(access)
        for kind in KINDS:
            alarms.check(access, kind, settings.today(), settings.now())
    list_alarms()


@alarms_app.command("list")
def list_alarms() -> None:
    """Alarms of the last week that nobody acknowledged."""
    from klankbord import alarms, database, settings

    with database.running() as access:
        found = alarms.recent(access, settings.today())
    show(found)


def show(found: list) -> None:
    """A line an alarm, with what it means."""
    from klankbord.alarm_rules import KINDS

    if not found:
        console.print("No alarms.")
        return
    table = Table("raised", "alarm", "platform", "account", "what was seen", title="Alarms")
    for alarm in found:
        meaning = f"{KINDS[alarm.kind]}: {alarm.detail}"
        table.add_row(
            str(alarm.raised_on), alarm.kind, alarm.platform, alarm.account_id or "(all)", meaning
        )
    console.print(table)


@alarms_app.command("acknowledge")
def acknowledge(
    kind: str,
    by: Annotated[str, typer.Option(help="who has looked")],
    account: Annotated[str | None, typer.Option(help="account_id; all by default")] = None,
) -> None:
    """Say that you have looked: the alarms go from the list, and their rows keep your name."""
    from klankbord import alarms, database, settings

    with database.running() as access:
        count = alarms.acknowledge(access, kind, by, settings.now(), account)
    console.print(f"{count} alarms acknowledged.")
