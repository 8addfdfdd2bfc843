"""`klankbord extract-web`, `klankbord import web`: visits to the bodies' own websites."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from klankbord.cli.imports import import_app
from klankbord.cli.main import app, console
from klankbord.errors import KlankbordError


@app.command("extract-web")
def extract_web(
    organisation: Annotated[
        list[str] | None, typer.Option(help="organisation_id; may be repeated")
    ] = None,
    since: Annotated[str | None, typer.Option(help="first day, to read the past again")] = None,
) -> None:
    """Read visits from social networks of the websites in web_sites.csv, through their Matomo."""
    from klankbord import database
    from klankbord.web import collect

    try:
        first = date.fromisoformat(since) if since else None
    except ValueError as error:
        raise KlankbordError(f"{since!r} is no date: write it as 2026-09-30.") from error
    with database.running() as access:
        database.prepare(access)
        done = collect.collect(access, since=first, only=organisation)
    for one in done:
        days = f"{one.days} days, {one.changed} new or changed"
        what = days if one.status == "ok" else one.reason
        more = f" ({one.detail})" if one.detail else ""
        console.print(
            f"{one.site.organisation_id} site {one.site.site_id}: {what}{more}",
            highlight=False,
            markup=False,
        )
    if not done:
        console.print("No website is registered: see web_sites.csv in register/README.md.")
    collect.summary(done)


@import_app.command("web")
def import_web(
    file: Path,
    organisation: Annotated[str, typer.Option(help="organisation_id whose website it is")],
    site: Annotated[str, typer.Option(help="a name for the website, always the same")] = "website",
) -> None:
    """Load visits by day and social network: a table with a date, a source and visits."""
    from klankbord import database, settings
    from klankbord.web import file as web_file

    with database.running() as access:
        database.prepare(access)
        done = web_file.load(access, file, organisation, site, settings.now())
    console.print(
        f"{file.name}: {done.days} days, {done.changed} new or changed; {done.left_out} lines of "
        "other sources were left out.",
        highlight=False,
    )
