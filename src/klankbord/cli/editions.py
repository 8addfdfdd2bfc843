"""`klankbord edition …`: make, read, move on, export, verify, rebuild."""

import csv
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from klankbord.cli.main import app, console
from klankbord.editions.model import Edition, EditionError

edition_app = typer.Typer(no_args_is_help=True, help="Frozen editions of a quarter.")
app.add_typer(edition_app, name="edition")

Id = Annotated[str, typer.Argument(help="the edition: 2026-Q3.1")]
Audience = Annotated[str, typer.Option(help="public, members or house")]


@edition_app.command()
def make(
    period: Annotated[str, typer.Option(help="the quarter: 2026-Q3")],
    licence: Annotated[str, typer.Option(help="of the public files")] = "CC-BY-4.0",
) -> None:
    """Freeze what is published of a quarter; the second time only what moved, as a revision."""
    from klankbord import database, settings
    from klankbord.editions import freezing

    with database.running() as access:
        database.prepare(access)
        made = freezing.make(access, period, settings.now(), licence)
    one = made.edition
    if not made.is_new:
        console.print(f"Nothing moved since {one.edition_id}.", highlight=False)
        return
    console.print(f"{one.edition_id}: {made.rows} rows, provisional.", highlight=False)
    for cause, count in sorted(made.causes.items()):
        console.print(f"  {count} moved: {cause}", highlight=False)
    if made.held_back:
        console.print(
            f"  {made.held_back} blocks repeat what is public, or are left out where they are new:"
            " they would give single organisations away.",
            highlight=False,
        )


@edition_app.command("list")
def list_() -> None:
    """All editions with their state."""
    from klankbord.editions import store

    shown = Table("edition", "state", "data of", "made", "public", "changes", box=box.SIMPLE_HEAD)
    with _cursor() as cursor:
        for one in store.editions(cursor):
            shown.add_row(
                one.edition_id,
                _state(one),
                f"{one.known_at:%Y-%m-%d %H:%M}",
                f"{one.made_at:%Y-%m-%d}",
                f"{one.published_at:%Y-%m-%d}" if one.published_at else "",
                str(store.change_count(cursor, one.edition_id)) if one.previous_id else "first",
            )
    console.print(shown if shown.row_count else "No edition was made yet.")


@edition_app.command()
def show(edition: Id) -> None:
    """What an edition holds, for whom, and what it was made with."""
    from klankbord.editions import store

    with _cursor() as cursor:
        one = store.edition(cursor, edition)
        tables = store.tables(cursor, edition)
    shown = Table("table", "for", "rows", "sha256", box=box.SIMPLE_HEAD)
    for table in tables:
        shown.add_row(table.table_name, table.audience, str(table.row_count), table.sha256[:16])
    console.print(f"{one.edition_id}: {_state(one)}", highlight=False)
    for name in ("known_at", "made_at", "previous_id", "code_version", "question_rules",
                 "holiday_calendar", "register_digest", "licence", "content_hash",
                 "despite_silence"):  # fmt: skip
        if getattr(one, name):
            console.print(f"  {name}: {getattr(one, name)}", highlight=False)
    console.print(shown)


@edition_app.command()
def advance(
    edition: Id,
    to: Annotated[str, typer.Option(help="embargo or public")],
    embargo_days: Annotated[int, typer.Option(help="how long members have it alone")] = 14,
    despite_silence: Annotated[
        str, typer.Option(help="why, in an election silence; everybody can read it")
    ] = "",
) -> None:
    """Let members read an edition, or everybody; never back."""
    from klankbord import database, settings
    from klankbord.editions import workflow

    with database.running() as access:
        database.prepare(access)
        done = workflow.advance(
            access,
            edition,
            to,
            settings.now(),
            embargo_days=embargo_days,
            despite_silence=despite_silence,
        )
    console.print(f"{edition}: {_state(done.edition)}.", highlight=False)
    if done.provisional:
        console.print(
            f"{done.provisional} of its group figures stay provisional: their platform was not read"
            " after the windows closed.",
            highlight=False,
        )


@edition_app.command()
def export(
    edition: Id,
    to: Annotated[Path, typer.Option(help="a new or empty folder")],
    audience: Audience = "public",
) -> None:
    """Write an edition's CSV files and data package; the same bytes every time."""
    from klankbord import database
    from klankbord.editions import export as exporting

    with database.running() as access:
        database.prepare(access)
        names = exporting.export(access, edition, to, audience)
    console.print(f"{len(names)} files of {edition} in {to}.", highlight=False, markup=False)


@edition_app.command()
def verify(
    edition: Annotated[str, typer.Argument(help="2026-Q3.1; all by default")] = "",
    against: Annotated[Path | None, typer.Option(help="an exported copy to compare")] = None,
    audience: Audience = "public",
) -> None:
    """Check every byte of the frozen editions and their chain; names what was changed."""
    from klankbord import database
    from klankbord.editions import verifying

    if against and not edition:
        raise EditionError("Say which edition the copy is of: klankbord edition verify 2026-Q3.1.")
    with database.running() as access:
        database.prepare(access)
        found = verifying.faults(access, edition)
        if against:
            found += verifying.against(access, edition, against, audience)
        head = verifying.head(access)
    if found:
        raise EditionError("\n".join([*found, "Restore the database or the copy from a backup."]))
    if not head:
        console.print("There is no edition yet: make one with `klankbord edition make`.")
        return
    console.print(f"Every byte is as it was frozen. Ledger: {head}", highlight=False)


@edition_app.command()
def rebuild(edition: Id) -> None:
    """Compute an edition again from raw as it was known then, and compare; changes nothing."""
    from klankbord import database
    from klankbord.editions import rebuilding

    with database.running() as access:
        database.prepare(access)
        with console.status(f"building {edition} in a database of its own"):
            done = rebuilding.rebuild(access, edition)
    for remark in done.remarks:
        console.print(remark, highlight=False, markup=False)
    if done.different:
        raise EditionError("\n".join(done.different))
    console.print(f"{len(done.same)} tables are the same, byte for byte.", highlight=False)


@edition_app.command()
def diff(
    before: Annotated[str, typer.Argument(help="an edition")],
    after: Annotated[str, typer.Argument(help="another of the same quarter")],
    audience: Audience = "public",
    format: Annotated[str, typer.Option(help="csv or json")] = "csv",
) -> None:
    """What differs between two editions of a quarter, row by row, with the cause."""
    from klankbord.editions import comparing, revising

    if format not in ("csv", "json"):
        raise EditionError(f"{format!r} is no format: choose csv or json.")
    with _cursor() as cursor:
        lines = (line.decode() for line in revising.as_csv(
            comparing.differences(cursor, before, after, audience)
        ))  # fmt: skip
        if format == "csv":
            sys.stdout.writelines(lines)
        else:
            print(json.dumps(list(csv.DictReader(lines)), indent=2, ensure_ascii=False))


@edition_app.command()
def log(
    period: Annotated[str, typer.Option(help="2026-Q3; all quarters by default")] = "",
    audience: Audience = "public",
    format: Annotated[str, typer.Option(help="markdown or csv")] = "markdown",
) -> None:
    """The log of revisions: what moved, by how much and why; of what the audience may read."""
    from klankbord.editions import revising, store
    from klankbord.editions.model import READERS

    if format not in ("markdown", "csv"):
        raise EditionError(f"{format!r} is no format: choose markdown or csv.")
    with _cursor() as cursor:
        chosen = [one for one in store.editions(cursor, period) if audience in READERS[one.state]]
        logs = [(one, store.changes(cursor, one.edition_id, audience)) for one in chosen]
        if format == "csv":
            sys.stdout.writelines(line.decode() for line in revising.all_as_csv(logs))
            return
        print("# Revisions\n")
        for one, changes in logs:
            print(revising.as_markdown(one, changes))


def _cursor():
    from klankbord.editions import opening

    return opening.cursor()


def _state(one: Edition) -> str:
    if one.state == "embargo":
        return f"embargo until {one.embargo_until:%Y-%m-%d %H:%M} UTC"
    if one.despite_silence:
        return f"public, despite an election silence: {one.despite_silence}"
    return one.state
