"""`klankbord alarms`: look for them, list them, say that you have looked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from klankbord.cli.main import app, console

if TYPE_CHECKING:
    from klankbord.alarms import Alarm

alarms_app = typer.Typer(no_args_is_help=True, help="What a person should look at.")
app.add_typer(alarms_app, name="alarms")


@alarms_app.command("check")
def check() -> None:
    """Look for alarms of every kind, as the DAG watch_accounts does, and list them."""
    from klankbord import alarms, database, settings

    with database.running() as access:
        database.prepare(access)
        show(alarms.look(access, settings.now()))


@alarms_app.command("list")
def list_alarms() -> None:
    """What was found and nobody has acknowledged."""
    from klankbord import alarms, database, settings

    with database.running() as access:
        database.prepare(access)
        show(alarms.waiting(access, settings.now()))


@alarms_app.command("acknowledge")
def acknowledge(
    kind: Annotated[str, typer.Argument(help="such as renamed; `klankbord alarms list`")],
    by: Annotated[str, typer.Option(help="who has looked")],
    account: Annotated[
        str | None,
        typer.Option(help="account_id, or the platform of an alarm about all of it; all of them"),
    ] = None,
) -> None:
    """Say that you have looked: the alarms leave the list, and their rows keep your name."""
    from klankbord import alarms, database, settings

    with database.running() as access:
        database.prepare(access)
        count = alarms.acknowledge(access, kind, by, settings.now(), account)
    console.print(f"{count} {'alarm' if count == 1 else 'alarms'} acknowledged.", highlight=False)


def show(found: "Sequence[Alarm]", most: int | None = None) -> None:
    """A line an alarm under its kind; of a kind `most` at most."""
    from klankbord.alarm_rules import KINDS

    if not found:
        console.print("No alarms.")
        return
    console.print(f"Alarms: {len(found)} (what to do: docs/runbooks/alarms.md)", highlight=False)
    for kind, meaning in KINDS.items():
        of_kind = [alarm for alarm in found if alarm.kind == kind]
        if not of_kind:
            continue
        # what platforms said is no markup
        console.print(Text(f"{kind}: {meaning}", style="bold"))
        lines = Table.grid("since", "subject", "detail", padding=(0, 2), pad_edge=True)
        lines.columns[0].no_wrap = True
        for column in lines.columns[1:]:
            column.overflow = "fold"
        for alarm in of_kind[:most]:
            subject = alarm.account_id or f"(all of {alarm.platform})"
            lines.add_row(str(alarm.raised_on), Text(subject), Text(alarm.detail))
        console.print(lines)
        if more := len(of_kind[most:]) if most else 0:
            console.print(f"  … and {more} more: `klankbord alarms list`", highlight=False)
