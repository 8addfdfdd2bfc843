"""What people and offices hand in: inhabitants, proposed accounts, surveys, incidents."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from klankbord.cli.imports import import_app
from klankbord.cli.main import console, register_app
from klankbord.errors import KlankbordError

SHOWN = 20


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise KlankbordError(f"{text!r} is no date: write it as 2025-01-01.") from error


@register_app.command("population")
def register_population(
    file: Annotated[Path, typer.Argument(help="Statbel's or CBS's own file")],
    country: Annotated[Literal["be", "nl"], typer.Option(help="whose file it is")],
    reference: Annotated[
        str | None, typer.Option("--date", help="its reference date, where it holds several")
    ] = None,
    source: Annotated[str | None, typer.Option(help="what to write under source")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show the difference only")] = False,
) -> None:
    """Write inhabitants from Statbel's or CBS's file into the register, all or nothing."""
    from klankbord import register, settings
    from klankbord.register import population_files, population_update

    folders = settings.register_folders()
    upper: Any = country.upper()
    update = population_update.plan(
        population_files.read(file, upper, _day(reference)),
        file.name,
        register.read(folders),
        upper,
        source,
    )
    for change in update.changes[:SHOWN]:
        before = "new" if change.before is None else str(change.before)
        _say(f"{change.organisation_id} {change.name}: {before} -> {change.after}")
    if len(update.changes) > SHOWN:
        _say(f"… and {len(update.changes) - SHOWN} more")
    added = sum(change.before is None for change in update.changes)
    _say(
        f"{update.day}: {update.total} inhabitants in {update.bodies} municipalities; {added} rows "
        f"new, {len(update.changes) - added} changed, {update.bodies - len(update.changes)} as "
        "before."
    )
    if dry_run:
        _say("Nothing was written (--dry-run).")
    else:
        population_update.write(update, folders)
        _say(f"Written to {update.file}." if update.changes else "Nothing to write.")


@register_app.command("propose")
def register_propose(
    source: Annotated[Literal["wikidata", "almanac"], typer.Argument(help="where to look")],
    file: Annotated[
        Path | None, typer.Argument(help="a saved answer; without it, the live address is asked")
    ] = None,
    show_query: Annotated[
        bool, typer.Option("--show-query", help="print Wikidata's queries and stop")
    ] = False,
) -> None:
    """Look for accounts in Wikidata or the Dutch almanac; a person decides what enters."""
    from collections import Counter

    from klankbord import register, settings
    from klankbord.register import finders, proposal_files, proposals
    from klankbord.verdicts import RequestError

    known = register.read(settings.register_folders())
    if show_query:
        for text in finders.queries(known, settings.today()):
            _say(text)
        return
    try:
        finds, skipped = finders.SOURCES[source](known, file, settings.today())
    except RequestError as error:
        raise KlankbordError(
            f"{source} gave no answer ({error}): try later, or save its answer with a browser and "
            "give the file (docs/inputs.md)."
        ) from error
    where = proposal_files.path()
    merged = proposals.merge(proposal_files.load(where), finds, source, known, settings.today())
    proposal_files.save(where, merged)
    counts = Counter(p.status for p in merged)
    _say(f"{len(finds)} accounts found in {source}; {skipped} of bodies that the register has not.")
    _say(", ".join(f"{counts[status]} {status}" for status in proposals.STATUSES) + f" in {where}.")
    _say("Write yes or no under decision, then: klankbord register accept")


@register_app.command("accept")
def register_accept(
    only: Annotated[
        list[str] | None,
        typer.Option(help="organisation_id, platform, organisation_id/platform; may be repeated"),
    ] = None,
) -> None:
    """Add the accounts that a person decided on to accounts.csv; nothing else enters."""
    from klankbord import register, settings
    from klankbord.register import proposal_files, proposals

    folders, today = settings.register_folders(), settings.today()
    known = register.read(folders)
    now = proposals.judged(proposal_files.load(proposal_files.path()), known, today)
    wanted, conflicts = proposal_files.chosen(now, only or [])
    added = proposal_files.accept(wanted, known, folders, today)
    for account_id in added:
        _say(f"added {account_id}")
    for p in conflicts:
        _say(f"left {p.organisation_id}/{p.platform}{p.handle and ' '}{p.handle}: {p.remark}")
    _say(f"{len(added)} accounts added, {len(conflicts)} left because of a conflict.")
    proposal_files.save(proposal_files.path(), proposals.judged(now, register.read(folders), today))


@import_app.command("survey")
def import_survey(
    file: Annotated[Path, typer.Argument(help="LimeSurvey's CSV export")],
    mapping: Annotated[Path, typer.Option(help="YAML: what its columns mean")],
    replace: Annotated[
        bool, typer.Option("--replace", help="take it instead of an earlier file of the survey")
    ] = False,
) -> None:
    """Load a survey: one complete response an organisation, no persons, no free text."""
    from klankbord import database, settings
    from klankbord.imports import survey, survey_mapping

    said = survey_mapping.read(mapping)
    with database.running() as access:
        database.prepare(access)
        done = survey.load(access, file, said, settings.now(), replacing=replace)
    found = done.survey
    for why, lines in (
        ("incomplete", found.incomplete),
        ("answered again later", found.repeated),
        ("without an organisation", found.without_organisation),
    ):
        if lines:
            shown = ", ".join(map(str, lines[:SHOWN])) + (" …" if len(lines) > SHOWN else "")
            _say(f"set aside, {why}: {len(lines)} (line {shown})")
    if found.columns.personal:
        _say(f"not stored, about persons: {', '.join(found.columns.personal)}")
    if found.columns.unread:
        _say(f"not stored, not in the mapping: {len(found.columns.unread)} columns")
    for (country, kind), asked in said.addressed.items():
        _say(f"addressed: {asked} {country} {kind}")
    state = "loaded" if done.is_new else "known already, nothing changed"
    _say(f"{len(found.responses)} organisations, {done.answers} answers: {state}.")


@import_app.command("incidents")
def import_incidents(
    file: Annotated[Path, typer.Argument(help="a log of alarms, CSV or workbook")],
    mapping: Annotated[
        Path | None, typer.Option(help="YAML: what its columns mean; else our own headings")
    ] = None,
    source: Annotated[str | None, typer.Option(help="whose log, without a mapping")] = None,
    country: Annotated[
        Literal["be", "nl"] | None, typer.Option(help="where, without a mapping")
    ] = None,
) -> None:
    """Load a log of fire brigades or police, at the grain of a municipality."""
    from klankbord import database, settings
    from klankbord.imports import incident_mapping, incidents

    if mapping is None and not (source and country):
        raise KlankbordError(
            "say how the log is written: --mapping FILE.yaml, or --source and --country for a "
            "file with our own headings (docs/inputs.md)."
        )
    said = (
        incident_mapping.read(mapping)
        if mapping
        else incident_mapping.own(str(source), str(country).upper())
    )
    with database.running() as access:
        database.prepare(access)
        done = incidents.load(access, file, said, settings.now())
    if done.unread:
        _say(f"not stored, not in the mapping: {len(done.unread)} columns")
    _say(
        f"{done.incidents} incidents in {file.name}: {done.inserted} new, {done.changed} told "
        f"otherwise than before, {done.incidents - done.inserted - done.changed} known already."
    )
