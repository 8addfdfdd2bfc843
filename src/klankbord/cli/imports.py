"""`klankbord import FILE…`: export files of the platforms, archives of earlier studies."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from klankbord.cli.main import app, console
from klankbord.errors import KlankbordError

if TYPE_CHECKING:
    from klankbord.imports.loading import Loaded
    from klankbord.imports.plans import Plan, Reading
    from klankbord.imports.understanding import Figure, Understood

ROWS_SHOWN = 3
#: of a format's headers
EVIDENCE = {
    "recorded": "headers of a real file",
    "seen": "headers as others have them",
    "translated": "headers translated, never seen",
}


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
            _done(done)


@import_app.command("undo")
def import_undo(file: Path) -> None:
    """Remove what an export file loaded; it is known by its content, not its name."""
    from klankbord import database
    from klankbord.imports import loading

    with database.running() as access:
        database.prepare(access)
        removed = loading.undo(access, file)
    _say(f"{file.name}: {removed} figures removed.")


@import_app.command("archive")
def import_archive(file: Path) -> None:
    """Load follower counts of earlier studies: a CSV with account,date,followers,source."""
    from klankbord import database, settings
    from klankbord.imports import archive

    with database.running() as access:
        database.prepare(access)
        done = archive.load(access, file, settings.now())
    known = done.readings - done.inserted - done.corrected
    _say(
        f"{done.readings} readings in {file.name}: {done.inserted} new, {known} known already, "
        f"{done.corrected} corrected."
    )


def _day(option: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise KlankbordError(f"{option} {text!r} is no date: write it as 2026-09-30.") from error


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False)


def _done(done: "Loaded") -> None:
    known = done.figures - done.new - done.changed
    _say(
        f"{done.name}: {done.figures} figures, {done.new} new, {known} known already"
        + (", for its content was loaded before" if done.was_known else "")
        + (f", {done.changed} told otherwise before" if done.changed else "")
        + (": the latest export counts." if done.changed else ".")
    )


def _show(plan: "Plan") -> None:
    """What was understood of a file: nothing that is not loaded is printed, but its headers."""
    facts = Table(box=None, show_header=False, padding=(0, 1))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    if plan.archived is not None:
        facts.add_row("format", Text("archive: follower counts of an earlier study"))
    for one in plan.understood:
        language = one.table.language
        evidence = EVIDENCE.get(language.evidence, "of your own")
        said = f"{language.code}, {evidence}" if language.code else evidence
        facts.add_row("format", Text(f"{one.table.format.title} ({said})"))
        facts.add_row("read as", Text(plan.way))
        facts.add_row("columns", Text(_columns(one)))
        facts.add_row("left out", Text(", ".join(_ignored(one)) or "none"))
    if plan.other_sheets:
        facts.add_row("other sheets", Text(", ".join(plan.other_sheets)))
    if plan.account_ids:
        facts.add_row("accounts", Text(", ".join(plan.account_ids)))
    days = sorted({f.end_on for f in _figures(plan) if f.period == "day" and f.end_on})
    named = sorted(set().union(*(one.days for one in plan.understood)) - set(days))
    for what, found in (("days", days), ("published", named)):
        if found:
            facts.add_row(what, Text(f"{found[0]} to {found[-1]}"))
    if plan.rows:
        facts.add_row("rows", Text(f"{plan.rows}, {len(plan.readings)} figures"))
    for decision in plan.decisions:
        facts.add_row("decided", Text(decision))
    for line, said in _first(plan.readings):
        facts.add_row(f"line {line}", Text(said))
    if plan.faults:
        facts.add_row("refused", Text("see below"))
    console.rule(Text(plan.name), align="left")
    console.print(facts, highlight=False)


def _figures(plan: "Plan") -> list["Figure"]:
    return [figure for one in plan.understood for figure in one.figures]


def _columns(one: "Understood") -> str:
    return ", ".join(
        f"{one.table.header.cells[i]} → {column.target}" for i, column in one.table.columns.items()
    )


def _ignored(one: "Understood") -> list[str]:
    cells = enumerate(one.table.header.cells)
    return [str(cell) for i, cell in cells if cell and i not in one.table.columns]


def _first(readings: list["Reading"]) -> Iterator[tuple[int, str]]:
    """(line, what will be stored of it) of the first rows: sentences, which wrap where a table of
    as many columns would be cut."""
    by_row = groupby(readings, lambda r: (r.file_line, r.account_id, r.post_id, r.end_on))
    for (line, account_id, post_id, end_on), cells in islice(by_row, ROWS_SHOWN):
        row = list(cells)
        days = row[0].period if row[0].period != "day" else str(end_on)
        values = ", ".join(f"{r.metric_name} {r.value.normalize():f}" for r in row)
        who = f"{account_id}, post {post_id}" if post_id else account_id
        yield line, f"{who}, {days}: {values}"
