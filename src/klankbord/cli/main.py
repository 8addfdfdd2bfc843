"""The commands and the one place where expected errors become a sentence and an exit code."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from klankbord.errors import KlankbordError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Klankbord: an open social-media benchmark for local government.",
)
register_app = typer.Typer(no_args_is_help=True, help="Bodies, members, inhabitants, accounts.")
dashboards_app = typer.Typer(no_args_is_help=True, help="The dashboards as code.")
app.add_typer(register_app, name="register")
app.add_typer(dashboards_app, name="dashboards")
#: a pipe has no width of its own; tables are made to be read
# emoji: `:x:` in the id of a figure is a platform, not a picture
console = Console(width=None if sys.stdout.isatty() else 160, emoji=False)


def main() -> None:
    """Entry point: expected errors are a sentence on standard error and exit code 1."""
    try:
        app()
    except KlankbordError as error:
        Console(stderr=True, soft_wrap=True, emoji=False).print(
            str(error), markup=False, highlight=False
        )
        sys.exit(1)


def progress() -> Progress:
    """The progress bar that every long command shows."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


Folders = Annotated[
    list[Path] | None,
    typer.Argument(help="Folders of register files; KLANKBORD_REGISTER by default."),
]


@register_app.command("check")
def register_check(folders: Folders = None) -> None:
    """Report every fault of the register at once, with file and line; loads nothing."""
    from klankbord import register, settings

    found = register.read(folders or settings.register_folders())
    for (country, kind), count in sorted(found.summary().items()):
        console.print(f"{count:>6} {country} {kind}", highlight=False)
    console.print(f"{len(found.accounts):>6} accounts", highlight=False)
    console.print("No faults.")


@register_app.command("load")
def register_load(folders: Folders = None) -> None:
    """Load the register with history; a faulty one is refused whole."""
    from klankbord import database, register, settings

    found = register.read(folders or settings.register_folders())
    with database.running() as access:
        database.prepare(access)
        with access.connect("klankbord_loader") as connection:
            summary = register.load(connection, found, settings.now())
    for table, count in summary.tables.items():
        console.print(
            f"{table:>14}: {count.inserted} new or changed, {count.superseded} ended, "
            f"{count.unchanged} as before",
            highlight=False,
        )


@app.command()
def build(
    full: Annotated[
        bool, typer.Option("--full", help="rebuild everything, not only what can have changed")
    ] = False,
) -> None:
    """dbt between both gates, then publication: what the DAG build_benchmark does."""
    from klankbord import benchmark, database, horizon

    with database.running() as access, progress() as bar:
        if full:
            horizon.forget(access)
        task = bar.add_task("build", total=len(benchmark.STEPS))
        for step in benchmark.STEPS:
            bar.update(task, description=step)
            benchmark.run(access, step)
            bar.advance(task)
    console.print("Published.")


@app.command()
def sandbox() -> None:
    """Serve the platforms' protocols on localhost over the invented world, until Ctrl-C."""
    from klankbord.sandbox import server

    raise typer.Exit(server.main([]))


from klankbord.cli import (  # noqa: E402,F401  (they add their commands)
    alarms,
    collection,
    cost,
    dashboards,
    demo,
    editions,
    explain,
    figures,
    imports,
    incidents,
    inputs,
    maturity,
    metrics,
    peers,
    privacy,
    questions,
    targets,
    web,
)
