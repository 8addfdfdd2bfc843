"""`klankbord import FILE…`: export files of the platforms, archives of earlier studies."""

from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from klankbord.cli.main import app, console
from klankbord.errors import KlankbordError

if TYPE_CHECKING:
    from klankbord.imports.plans import Plan, Reading
    from klankbord.imports.understanding import Understood

ROWS_SHOWN = 3
METRICS_SHOWN = 7


class FilesByDefault(TyperGroup):
    """A group in which what is no command is a file: `import a.csv` is `import files a.csv`."""

    default = "files"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command before anything that names none and asks for no help."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [self.default, *args]
        return super().parse_args(ctx, args)


import_app = typer.Typer(
    cls=FilesByDefault,
    no_args_is_help=True,
    help="Files that people have: klankbord import FILE… recognises exports of the platforms.",
)
app.add_typer(import_app, name="import")


@import_app.command("files")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="exports: CSV, xls or xlsx")],
    account: Annotated[
        list[str] | None,
        typer.Option(help="account_id, for files that do not say whose they are; one a platform"),
    ] = None,
    observed_on: Annotated[
        str | None, typer.Option(help="day of the export; else the last day in the file")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="first day of a file that covers a period unsaid")
    ] = None,
    mapping: Annotated[
        list[Path] | None, typer.Option(help="YAML of a format of your own; may be repeated")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show, and load nothing")] = False,
) -> None:
    """Show what export files hold, and load all of them or none. `files` may be left out."""
    from klankbord import database, settings
    from klankbord.imports import formats, loading
    from klankbord.imports.plans import Options

    options = Options(
        _day("--observed-on", observed_on),
        _day("--since", since),
        tuple(formats.own(path) for path in mapping or ()),
    )
    now = settings.now()
    with database.running() as access:
        database.prepare(access)
        plans = loading.preview(access, loading.Request(files, account or (), options), now)
        for plan in plans:
            _show(plan)
        loading.refuse(plans)
        if dry_run:
            console.print("Nothing was loaded: --dry-run.")
            return
        for done in loading.load(access, plans, now):
            again = " (its content was loaded before)" if done.was_known else ""
            console.print(
                f"{done.name}: {done.figures} figures, {done.inserted} new, "
                f"{done.figures - done.inserted} known already{again}.",
                highlight=False,
                markup=False,
            )


@import_app.command("undo")
def import_undo(file: Path) -> None:
    """Remove what an export file loaded; it is known by its content, not its name."""
    from klankbord import database
    from klankbord.imports import loading

    with database.running() as access:
        database.prepare(access)
        removed = loading.undo(access, file)
    console.print(f"{file.name}: {removed} figures removed.", highlight=False, markup=False)


@import_app.command("archive")
def import_archive(file: Path) -> None:
    """Load follower counts of earlier studies: a CSV with account,date,followers,source."""
    from klankbord import database, settings
    from klankbord.imports import archive

    with database.running() as access:
        database.prepare(access)
        done = archive.load(access, file, settings.now())
    console.print(
        f"{done.readings} readings in {file.name}: {done.inserted} new, "
        f"{done.readings - done.inserted} known already.",
        highlight=False,
        markup=False,
    )


def _day(option: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise KlankbordError(f"{option} {text!r} is no date: write it as 2026-09-30.") from error


def _show(plan: "Plan") -> None:
    """What was understood of a file: nothing that is not loaded is printed, but its headers."""
    facts = Table(box=None, show_header=False, padding=(0, 1))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    if plan.archived is not None:
        facts.add_row("format", Text("archive: follower counts of an earlier study"))
    for one in plan.understood:
        language = one.table.language
        evidence = f"{language.code}, {language.evidence}" if language.code else "of your own"
        facts.add_row("format", Text(f"{one.table.format.title} ({evidence})"))
        facts.add_row("read as", Text(plan.way))
        facts.add_row("columns", Text(_columns(one)))
        facts.add_row("left out", Text(", ".join(_ignored(one)) or "none"))
    if plan.other_sheets:
        facts.add_row("other sheets", Text(", ".join(plan.other_sheets)))
    facts.add_row("accounts", Text(", ".join(plan.account_ids) or "?"))
    days = sorted(set().union(*(one.days for one in plan.understood)))
    if days:
        facts.add_row("days", Text(f"{days[0]} to {days[-1]}"))
    facts.add_row("rows", Text(f"{plan.rows}, {len(plan.readings)} figures"))
    for decision in plan.decisions:
        facts.add_row("decided", Text(decision))
    console.rule(Text(plan.name), align="left")
    console.print(facts, highlight=False)
    if plan.readings:
        console.print(_first(plan.readings), highlight=False)


def _columns(one: "Understood") -> str:
    return ", ".join(
        f"{one.table.header.cells[i]} → {column.target}" for i, column in one.table.columns.items()
    )


def _ignored(one: "Understood") -> list[str]:
    cells = enumerate(one.table.header.cells)
    return [str(cell) for i, cell in cells if cell and i not in one.table.columns]


def _first(readings: list["Reading"]) -> Table:
    """The first rows as they will be stored, a column a metric."""
    names = list(dict.fromkeys(r.metric_name for r in readings))[:METRICS_SHOWN]
    shown = Table("line", "account", "post", "days", *names, box=box.SIMPLE_HEAD)
    by_row = groupby(readings, lambda r: (r.file_line, r.account_id, r.post_id, r.end_on))
    for (line, account_id, post_id, end_on), cells in list(
        (key, list(group)) for key, group in by_row
    )[:ROWS_SHOWN]:
        values = {r.metric_name: f"{r.value.normalize():f}" for r in cells}
        days = cells[0].period if cells[0].period != "day" else str(end_on)
        shown.add_row(
            str(line), account_id, Text(post_id), days, *(values.get(name, "") for name in names)
        )
    return shown
