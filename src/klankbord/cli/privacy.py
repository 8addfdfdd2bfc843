"""`klankbord erase`, `klankbord privacy …` and `klankbord consent …`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from klankbord.cli.main import app, console
from klankbord.errors import KlankbordError

privacy_app = typer.Typer(no_args_is_help=True, help="Retention, the pseudonyms' key, the page.")
consent_app = typer.Typer(no_args_is_help=True, help="What owners allowed.")
app.add_typer(privacy_app, name="privacy")
app.add_typer(consent_app, name="consent")
DryRun = Annotated[bool, typer.Option("--dry-run", help="count, and change nothing")]
NoBuild = Annotated[bool, typer.Option("--no-build", help="leave the figures to the next build")]


def _counted(rows: Mapping[str, int]) -> None:
    for what, count in sorted(rows.items()):
        console.print(f"{count:>9} {what}", highlight=False)


def _build(access) -> None:
    from klankbord import benchmark

    for step in benchmark.STEPS:
        benchmark.run(access, step)


@app.command()
def erase(
    platform: Annotated[str, typer.Argument(help="facebook, x, mastodon, bluesky, ...")],
    platform_id: Annotated[str, typer.Argument(help="the person's id there; no handle")] = "",
    file: Annotated[Path | None, typer.Option(help="one id a line: none in a history")] = None,
    asked_by: Annotated[
        str, typer.Option(help="person, organisation, platform, authority or unsaid")
    ] = "unsaid",
    dry_run: DryRun = False,
    no_build: NoBuild = False,
) -> None:
    """Remove a person from the warehouse and quarantine, for good; then build the figures anew."""
    from klankbord import database, erasure, settings
    from klankbord.erasure_ids import read_ids

    if bool(platform_id) == bool(file):
        raise KlankbordError("Give one platform id, or --file with one a line.")
    ids = read_ids(file) if file else [platform_id]
    with database.running() as access:
        database.prepare(access)
        done = erasure.erase(
            access, platform, ids, settings.now(), asked_by=asked_by, dry_run=dry_run
        )
        _counted(done.rows)
        if dry_run:
            console.print("Nothing was changed.")
        elif done.rows and not no_build:
            console.print("Erased; the figures are built anew.")
            _build(access)
        else:
            console.print("Erased." if done.rows or done.is_new else "Erased before: no change.")


@privacy_app.command()
def purge(dry_run: DryRun = False) -> None:
    """Apply the ages of KLANKBORD_RETENTION_*; published figures do not change."""
    from klankbord import database, retention, settings

    with database.running() as access:
        database.prepare(access)
        _counted(retention.purge(access, settings.now(), dry_run=dry_run))
    console.print("Nothing was changed." if dry_run else "Done.")


@privacy_app.command("rotate-key")
def rotate_key(dry_run: DryRun = False, no_build: NoBuild = False) -> None:
    """Give every pseudonym another name, under a new key."""
    from klankbord import database, rotation, settings

    with database.running() as access:
        database.prepare(access)
        done = rotation.rotate(access, settings.now(), dry_run=dry_run)
        _counted(done.rows)
        if dry_run:
            console.print("Nothing was changed.")
            return
        console.print(
            f"{done.generation} keys are chained now: put the folder secrets/ into the backup."
        )
        if done.rows and not no_build:
            _build(access)


@privacy_app.command()
def page(
    check: Annotated[bool, typer.Option("--check", help="say whether it is up to date")] = False,
) -> None:
    """Write docs/data-protection.md from the code's own list of fields."""
    from klankbord import data_protection

    text = data_protection.page()
    if not check:
        data_protection.PAGE.write_text(text, encoding="utf-8")
    elif data_protection.PAGE.read_text(encoding="utf-8") != text:
        raise KlankbordError(
            "docs/data-protection.md is behind the code: write it with `klankbord privacy page`."
        )
    console.print("docs/data-protection.md says what the code says.")


@consent_app.command("status")
def consent_status(account: Annotated[str | None, typer.Argument()] = None) -> None:
    """Consents in force and withdrawn, and tokens that expire."""
    from klankbord import consent, database, settings, tokens

    today = settings.today()
    with database.running() as access:
        database.prepare(access)
        states = consent.states(access, today, account)
        soon = list(tokens.expiring(access, today, tokens.owner_token))
    shown = Table("account", "scope", "state", "token until", box=box.SIMPLE_HEAD)
    for s in states:
        state = "in force" if s.is_in_force else f"withdrawn {s.withdrawn_on or '(not yet begun)'}"
        shown.add_row(s.account_id, s.scope, state, str(s.token_expires_on or ""))
    console.print(shown if states else "No consent is known.")
    for warning in soon:
        if account in (None, warning.account_id):
            console.print(str(warning), highlight=False)


@consent_app.command("withdraw")
def consent_withdraw(
    account: str,
    scope: Annotated[
        list[str] | None, typer.Option(help="insights, messages, posts; all by default")
    ] = None,
) -> None:
    """End an owner's consent at once and remove what rests on it."""
    from klankbord import consent, database, settings

    with database.running() as access:
        database.prepare(access)
        rows = consent.withdraw(access, account, settings.now(), settings.today(), scope or [])
    _counted(rows)
    console.print(
        "Withdrawn: nothing more is collected under it, and its figures are gone with the next "
        "build. Write withdrawn_on into consents.csv and revoke the token at the platform.",
        highlight=False,
    )
