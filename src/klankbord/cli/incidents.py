"""`klankbord incident`: the incidents that are published, one evaluated, and people's verdicts."""

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from klankbord.cli.main import app, console
from klankbord.errors import KlankbordError

incident_app = typer.Typer(no_args_is_help=True, help="The crisis clock: who spoke when.")
app.add_typer(incident_app, name="incident")


@incident_app.command("list")
def list_incidents() -> None:
    """Every published incident: its first message and how many bodies kept the norm."""
    from klankbord import database
    from klankbord.incidents import reading
    from klankbord.settings import LOCAL_ZONE

    with database.running() as access:
        found = reading.incidents(access)
    table = Table(
        "incident", "alarm", "where", "what", "first message", "in time", "passed on", "status",
        box=box.SIMPLE_HEAD,
        caption="in time: bodies within the norm / bodies that could be watched",
        caption_justify="left",
    )  # fmt: skip
    for row in found:
        delay, partners = row["first_delay_minutes"], row["partners"]
        mark = " (synthetic)" if row["is_synthetic"] else ""
        table.add_row(
            f"{row['source']}/{row['incident_id']}",
            f"{row['alarmed_at'].astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}",
            row["municipality_name_en"] or row["municipality_id"],
            row["incident_kind_en"] + (", large impact" if row["has_large_impact"] else ""),
            "none" if delay is None else f"{delay:.1f} min",
            f"{row['bodies_within_norm']}/{row['observed_bodies']}",
            f"{row['amplifying_partners']}/{partners}" if partners else "",
            f"{row['status']}{mark}",
        )
    console.print(table if found else "No incident is published: import a log, then build.")


@incident_app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="SOURCE/ID, as `klankbord incident list` says it")],
    html: Annotated[Path | None, typer.Option(help="write the evaluation page here")] = None,
) -> None:
    """One incident: who spoke when, against the norm, and what is missing; or its page as HTML."""
    from klankbord import database
    from klankbord.incidents import reading

    with database.running() as access:
        found = reading.evaluation(access, name)
    if html is not None:
        from klankbord.incidents.page import page

        try:
            html.write_text(page(found), encoding="utf-8")
        except OSError as error:
            raise KlankbordError(f"{html} cannot be written ({error.strerror}).") from error
        console.print(f"Written: {html}", highlight=False, markup=False, soft_wrap=True)
        return
    table = Table("organisation", "first message", "on", "in time", "updates", "every", "sure",
                  box=box.SIMPLE_HEAD)  # fmt: skip
    for row in found.organisations:
        delay, gap = row["delay_minutes"], row["median_update_gap_minutes"]
        table.add_row(
            row["organisation_name_en"],
            (row["missing_reason"] or "").replace("_", " ")
            if delay is None
            else f"{delay:.1f} min",
            row["first_platform"] or "",
            {True: "yes", False: "no", None: "?"}[row["is_within_norm"]],
            "" if row["updates_6h"] is None else str(row["updates_6h"]),
            "" if gap is None else f"{gap:.0f} min",
            "" if row["confidence"] is None else f"{row['confidence']} {row['match_level']}",
        )
    what = found.incident
    console.print(
        f"{what['incident_kind_en']}, {what['municipality_name_en']}"
        + (" (synthetic)" if what["is_synthetic"] else ""),
        highlight=False,
        markup=False,
    )
    console.print(table)


@incident_app.command("verdicts")
def verdicts(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders; KLANKBORD_REGISTER by default.")
    ] = None,
) -> None:
    """Load what people decided about matches (incident_matches.csv); the next build obeys it."""
    from klankbord import database, settings
    from klankbord.incidents import verdicts as decided

    with database.running() as access:
        database.prepare(access)
        count = decided.load(access, folders or settings.register_folders(), settings.now())
    console.print(f"{count} verdicts stand.", highlight=False)
