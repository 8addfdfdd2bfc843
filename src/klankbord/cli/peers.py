"""`klankbord peers` and `klankbord territory`: who is compared with whom, and on which map."""

import csv
import json
import sys
from datetime import date
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from klankbord.cli.main import app, console
from klankbord.errors import KlankbordError

#: what `--kind` shows -> the published kind
KINDS = {"similar": "similar", "neighbours": "neighbours", "across": "neighbours_across"}
FORMATS = ("table", "json", "csv")


@app.command()
def peers(
    organisation: Annotated[str, typer.Argument(help="organisation_id or name")],
    kind: Annotated[
        str, typer.Option(help="similar, neighbours or across (the border)")
    ] = "similar",
    variables: Annotated[
        str, typer.Option(help="own choice and weights: inhabitants:2,latitude:1")
    ] = "",
    count: Annotated[int, typer.Option(help="how many, with --variables")] = 12,
    format: Annotated[str, typer.Option(help="table, json or csv")] = "table",
) -> None:
    """Who an organisation is compared with, and why: the distance, variable by variable."""
    from klankbord import database
    from klankbord.peers import who_and_why

    _check(format)
    if kind not in KINDS:
        raise KlankbordError(f"{kind!r} is no kind of peers: choose {', '.join(KINDS)}.")
    if variables and kind != "similar":
        raise KlankbordError("--variables chooses similar organisations: leave --kind out.")
    if count < 1:
        raise KlankbordError(f"{count} is no number of peers: write 1 or more.")
    with database.running() as access:
        rows = who_and_why(access, organisation, KINDS[kind], variables, count)
    _show(rows, format)


@app.command(name="territory")
def territory_command(
    territory_on: Annotated[str, typer.Argument(help="the map's day, such as 2025-01-01")],
    metric: Annotated[str, typer.Option(help="M05, or M05,M26")] = "",
    platform: Annotated[str, typer.Option(help="a platform's name")] = "",
    organisation: Annotated[
        str, typer.Option(help="an organisation, of that map or the period")
    ] = "",
    group: Annotated[str, typer.Option(help="a type, such as be-municipality")] = "",
    period: Annotated[str, typer.Option(help="2024-12 or 2024-Q4; latest month by default")] = "",
    format: Annotated[str, typer.Option(help="table, json or csv")] = "table",
) -> None:
    """Published figures of any period, recomputed to the map of another day."""
    from klankbord import database
    from klankbord.peers import on_map

    _check(format)
    try:
        day = date.fromisoformat(territory_on)
    except ValueError as error:
        raise KlankbordError(f"{territory_on!r} is no date: write it as 2025-01-01.") from error
    with database.running() as access:
        rows = on_map(
            access, day, metrics=metric, platform=platform, organisation=organisation,
            group=group, period=period,
        )  # fmt: skip
    _show(rows, format)


def _check(format: str) -> None:
    if format not in FORMATS:
        raise KlankbordError(f"{format!r} is no format: choose {', '.join(FORMATS)}.")


def _show(rows: list[dict], format: str) -> None:
    if format == "json":
        print(json.dumps(rows, indent=2, ensure_ascii=False, default=str))
    elif format == "csv":
        writer = csv.DictWriter(sys.stdout, list(rows[0]) if rows else [])
        writer.writeheader()
        writer.writerows(rows)
    else:
        console.print(table(rows))


def table(rows: list[dict]) -> Table:
    """Rows as people read them: columns that are empty everywhere are left out."""
    columns = [name for name in (rows[0] if rows else {}) if any(r[name] is not None for r in rows)]
    shown = Table(*(name.replace("_", " ") for name in columns), box=box.SIMPLE_HEAD)
    for row in rows:
        shown.add_row(*(_cell(row[name]) for name in columns))
    return shown


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        size = abs(value)
        return f"{value:,.{0 if size >= 1000 else 1 if size >= 10 else 3}f}"
    return str(value)
